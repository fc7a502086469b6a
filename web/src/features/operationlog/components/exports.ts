import type { Entry, Filter } from "../api.ts";

/** The columns of an export, in their order. */
export const columns = [
  "seq", "at", "actor_name", "actor_kind", "actor_id", "roles", "credential", "ip", "user_agent", "request_id", "action", "object_kind", "object_id", "object_name", "result", "code",
] as const;

/** The time from the oldest to the newest entry shown, as the API takes a range: from inclusive, to exclusive. */
export function shownRange(shown: readonly Entry[]): { from?: string; to?: string } {
  const times = shown.map((each) => Date.parse(each.at));
  if (times.length === 0) return {};
  return { from: new Date(Math.min(...times)).toISOString(), to: new Date(Math.max(...times) + 1).toISOString() };
}

/** What the link of an export asks for; all columns need not be named. */
export function exportQuery(filter: Filter, chosen: readonly string[], { format, zone, language }: { format: "csv" | "xlsx"; zone: string; language: string }): URLSearchParams {
  return new URLSearchParams({
    ...(filter as Record<string, string>),
    ...(chosen.length < columns.length && { columns: chosen.join(",") }),
    time_zone: zone,
    language,
    format,
    ...(format === "csv" && { bom: "true" }),
  });
}
