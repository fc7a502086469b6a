import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** Which filters a list has, and the values of each: a list of words, or any text that fits. */
export type FilterSchema = Record<string, readonly string[] | RegExp>;

export type Filters<S extends FilterSchema> = { [K in keyof S]?: string };

/** A date in a filter: "2026-11-30". */
export const day = /^\d{4}-\d{2}-\d{2}$/;
/** A text to search for. */
export const anyText = /^.{1,200}$/s;
/** A key or an id. */
export const word = /^[A-Za-z0-9_.-]{1,128}$/;

/** What of the address is a filter; unknown names and values are dropped. */
export function parseFilters<S extends FilterSchema>(schema: S, search: Record<string, unknown>): Filters<S> {
  const found: Record<string, string> = {};
  for (const [name, rule] of Object.entries(schema)) {
    const value = search[name] === undefined ? "" : String(search[name]);
    const fits = rule instanceof RegExp ? rule.test(value) : rule.includes(value);
    if (value && fits) found[name] = value;
  }
  return found as Filters<S>;
}

/** The filters of a list, kept in the address. Give a schema that stays the same. */
export function useFilters<S extends FilterSchema>(schema: S) {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const filters = useMemo(() => parseFilters(schema, search), [schema, search]);
  const set = useCallback(
    (change: Filters<S>) =>
      void navigate({
        to: ".",
        replace: true,
        search: (now: Record<string, unknown>) => Object.fromEntries(Object.entries({ ...now, ...change }).filter(([, value]) => value !== undefined && value !== "")),
      }),
    [navigate],
  );
  const clear = useCallback(() => set(Object.fromEntries(Object.keys(schema).map((name) => [name, ""])) as Filters<S>), [schema, set]);
  return { filters, set, clear, any: Object.keys(filters).length > 0 };
}
