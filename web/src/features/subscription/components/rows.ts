import type { Row } from "../api.ts";

/** Which rows alone to show. */
export const only = ["unreached", "single", "changed"] as const;

interface Wanted {
  category?: string;
  q?: string;
  only?: string;
  name: (type: string) => string;
  marks: { unreached: ReadonlySet<string>; single: ReadonlySet<string> };
}

/** The rows that the filters select. */
export function selectRows(rows: Row[], { category, q, only: part, name, marks }: Wanted): Row[] {
  const wanted = q?.toLowerCase();
  return rows.filter((row) => {
    if (category && row.category !== category) return false;
    if (wanted && !row.type.includes(wanted) && !name(row.type).toLowerCase().includes(wanted)) return false;
    if (part === "unreached") return marks.unreached.has(row.type);
    if (part === "single") return marks.single.has(row.type);
    return part !== "changed" || row.chosen;
  });
}

/** The rows by category, in the order of the categories; those of an unknown one last. */
export function groupRows(rows: Row[], order: string[]): { category: string; rows: Row[] }[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.category, [...(groups.get(row.category) ?? []), row]);
  const rank = (category: string) => (order.includes(category) ? order.indexOf(category) : order.length);
  return [...groups].map(([category, inside]) => ({ category, rows: inside })).sort((a, b) => rank(a.category) - rank(b.category));
}
