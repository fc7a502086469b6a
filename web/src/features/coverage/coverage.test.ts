import { expect, test } from "vitest";
import type { Coverage } from "./api.ts";
import { cardsOf, checklistOf, isNew } from "./components/urgent.ts";

const coverage = {
  types: 3,
  unreached: [{ type: "service.bill", reason: "unverified", bots: 0 }],
  floors: [],
  failing: [{ id: "bot_1", name: "ops", failures: 3, reason: "auth", failing_since: "2026-03-28T04:00:00Z", suspended_at: "2026-03-28T05:00:00Z" }],
  single: [{ type: "account.refund", contact: { id: "ctc_1", name: "Ming" }, bots: 0 }],
  idle: [{ id: "ctc_2", name: "Olga" }],
  opted_out: [],
} as Coverage;

test("who is reached by nothing comes before everything else", () => {
  const cards = cardsOf(coverage, [{ id: "ctc_3", name: "Jonas" }], (type) => type);
  expect(cards.map((card) => card.concern)).toEqual(["unreached", "failing", "single", "unproven", "idle"]);
  expect(cards[0]?.lines[0]).toEqual({ id: "service.bill", name: "service.bill", note: "unverified", to: "/subscriptions/service.bill" });
  expect(cards[1]?.lines[0]?.to).toBe("/bots/bot_1");
});

test("where all is fine, there is no card", () => {
  expect(cardsOf({ ...coverage, unreached: [], failing: [], single: [], idle: [] }, [], (type) => type)).toEqual([]);
});

test("the checklist follows from what is there, and leaves out what one may not see", () => {
  expect(checklistOf({ accountReached: true, contacts: 0, chosen: 0 })).toEqual([{ step: "accountContact", done: true }, { step: "contact", done: false }, { step: "types", done: false }]);
  expect(isNew({ contacts: 0, chosen: 4 })).toBe(true);
  expect(isNew({ contacts: 2, chosen: 1 })).toBe(false);
  expect(isNew({})).toBe(false);
});
