import type { ReactNode } from "react";
import { useText } from "@/lib/i18n";
import { Button } from "./antd.ts";
import { Empty } from "./Empty.tsx";
import { ChoiceFilter, FilterBar, SearchFilter } from "./Filters.tsx";
import { anyText, useFilters } from "./useFilters.ts";

const schema = { q: anyText, enabled: ["true", "false"] } as const;

/** What finds things by what they are called, as the lists of the API take it. */
export interface Named {
  q?: string;
  enabled?: "true" | "false";
}

/** The filter of a list of named things, kept in the address, with its bar and what shows when nothing fits. */
export function useNameFilter(): { filter: Named; bar: ReactNode; orEmpty: (empty: ReactNode) => ReactNode } {
  const t = useText("ui");
  const { filters, set, clear, any } = useFilters(schema);
  const bar = (
    <FilterBar any={any} onClear={clear}>
      <SearchFilter label={t("named.search")} value={filters.q} onChange={(q) => set({ q })} />
      <ChoiceFilter label={t("named.any")} value={filters.enabled} onChange={(enabled) => set({ enabled })} options={[{ value: "true", label: t("named.on") }, { value: "false", label: t("named.off") }]} />
    </FilterBar>
  );
  const nothing = (
    <Empty text={t("named.none")}>
      <Button onClick={clear}>{t("clearFilter")}</Button>
    </Empty>
  );
  return { filter: filters as Named, bar, orEmpty: (empty) => (any ? nothing : empty) };
}
