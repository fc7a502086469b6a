import type { ChoiceChange } from "@api/types.gen";
import type { Row } from "../api.ts";

/** Who gets a type, as the drawer holds it. Contacts or groups, never both; caps as typed. */
export interface Recipients {
  kind: "contacts" | "groups";
  ids: string[];
  everyBot: boolean;
  bots: string[];
  caps: Record<string, string>;
}

export function recipientsOf(row: Row): Recipients {
  return {
    kind: row.target_kind === "groups" ? "groups" : "contacts",
    ids: row.targets.map((each) => each.id),
    everyBot: row.every_bot,
    bots: row.bots.map((each) => each.id),
    caps: Object.fromEntries(Object.entries(row.caps).map(([channel, cap]) => [channel, String(cap)])),
  };
}

/** Switching to the other kind drops the choice: both at once cannot be. */
export const withKind = (now: Recipients, kind: Recipients["kind"]): Recipients => (kind === now.kind ? now : { ...now, kind, ids: [] });

export const toggled = (ids: string[], id: string) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]);

/** What of the recipients changed, as the API takes it. */
export function choiceOf(values: Recipients, row: Row): ChoiceChange {
  const before = recipientsOf(row);
  const differs = (field: keyof Recipients) => JSON.stringify(values[field]) !== JSON.stringify(before[field]);
  const caps = Object.entries(values.caps).filter(([, cap]) => cap !== "").map(([channel, cap]) => [channel, Number(cap)] as const);
  return {
    ...((differs("ids") || differs("kind")) && { [values.kind]: values.ids }),
    ...((differs("everyBot") || differs("bots")) && { bots: values.everyBot ? ["*"] : values.bots }),
    ...(differs("caps") && { caps: Object.fromEntries(caps) }),
  };
}

/** What was chosen here, on top of what somebody else saved meanwhile. */
export function onTop(before: Recipients, theirs: Recipients, mine: Recipients): Recipients {
  const differs = (...fields: (keyof Recipients)[]) => fields.some((field) => JSON.stringify(mine[field]) !== JSON.stringify(before[field]));
  return {
    ...theirs,
    ...(differs("kind", "ids") && { kind: mine.kind, ids: mine.ids }),
    ...(differs("everyBot", "bots") && { everyBot: mine.everyBot, bots: mine.bots }),
    ...(differs("caps") && { caps: mine.caps }),
  };
}
