import type { Detail, Rung } from "../api.ts";

/** A rung's name taken apart: "expiry-30d" is { end: "expiry", n: 30, unit: "d" }; the ends themselves have no span. */
export interface Parts {
  end: "expiry" | "release";
  n: number;
  unit: "d" | "h" | "m" | "s" | "";
}

export function partsOf(rung: string): Parts {
  const found = /^(expiry|release)-(\d+)([dhms])$/.exec(rung);
  if (found) return { end: found[1] as Parts["end"], n: Number(found[2]), unit: found[3] as Parts["unit"] };
  return { end: rung === "released" ? "release" : "expiry", n: 0, unit: "" };
}

/** The notification that told of the rung; "" for none. */
export function toldBy(resource: Detail, rung: Rung): string {
  return resource.reminders.find((each) => each.rung === rung.rung && Date.parse(each.deadline) === Date.parse(rung.deadline))?.notification_id ?? "";
}
