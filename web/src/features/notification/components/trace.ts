import type { Delivery } from "../api.ts";

/** What one recipient was to get. */
export interface Group {
  key: string;
  /** Empty for the account's inbox. */
  recipient: string;
  deliveries: Delivery[];
}

/** Failures come first, then what waits, what was not sent, and what arrived. */
const order: Record<Delivery["state"], number> = { failed: 0, pending: 1, accepted: 2, cancelled: 3, suppressed: 4, delivered: 5 };

/** Groups deliveries by whom they are for; who missed something comes first. */
export function grouped(deliveries: readonly Delivery[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of deliveries) {
    const key = each.contact_id || each.bot_id || each.channel;
    const group = groups.get(key) ?? { key, recipient: each.recipient, deliveries: [] };
    groups.set(key, { ...group, deliveries: [...group.deliveries, each] });
  }
  const worst = (group: Group) => Math.min(...group.deliveries.map((each) => order[each.state]));
  return [...groups.values()]
    .map((group) => ({ ...group, deliveries: group.deliveries.toSorted((a, b) => order[a.state] - order[b.state]) }))
    .toSorted((a, b) => worst(a) - worst(b));
}

/** Deliveries that failed and were not sent again since: what a resend is about. */
export function unrepeated(deliveries: readonly Delivery[]): Delivery[] {
  const repeated = new Set(deliveries.map((each) => each.replay_of).filter(Boolean));
  return deliveries.filter((each) => each.state === "failed" && !repeated.has(each.id));
}

/** How long a call took, in seconds: "0.4"; undefined while it is under way. */
export function duration(started: string, finished: string | null): string | undefined {
  return finished === null ? undefined : ((Date.parse(finished) - Date.parse(started)) / 1000).toFixed(1);
}
