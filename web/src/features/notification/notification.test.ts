import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Delivery } from "./api.ts";
import { pause } from "./api.ts";
import { placeOf, stepOf, steps } from "./components/reasons.ts";
import { duration, grouped, unrepeated } from "./components/trace.ts";
import en from "./texts.en-US.ts";

/** Every reason that the server may give: of its list of constants, of its channels, of its metrics. */
function reasons(): string[] {
  const found = new Set<string>();
  const collect = (source: string, pattern: RegExp) => {
    for (const [, code] of source.matchAll(pattern)) if (code) found.add(code);
  };
  for (const file of readdirSync("../models").filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))) collect(readFileSync(`../models/${file}`, "utf8"), /^\s*Reason\w+\s*=\s*"(\w+)"/gm);
  const channels = readdirSync("../channels", { recursive: true }).map(String).filter((name) => name.endsWith(".go") && !name.endsWith("_test.go") && !name.startsWith("channeltest"));
  for (const file of channels) collect(readFileSync(`../channels/${file}`, "utf8"), /(?:Reason: *|Markup *= *|Reason = RateLimited, |permanent\(|misconfigured\(|\breason\w+ *= *|const refusesUs *= *)"(\w+)"/g);
  collect(readFileSync("../docs/reasons.md", "utf8").split("## Outcomes")[0] ?? "", /^\| `(\w+)` \|/gm);
  return [...found].sort();
}

test("every reason of the server has words and a next step, and no other one has", () => {
  const known = reasons();
  expect(known.length).toBeGreaterThan(50);
  expect(Object.keys(steps).sort()).toEqual(known);
  expect(Object.keys(en.reason).sort()).toEqual(known);
  expect([...new Set(Object.values(steps))].sort()).toEqual(Object.keys(en.step).sort());
});

test("the step is where the recipient is: a bot's is the account's, a provider's the operator's", () => {
  const contact = { contact_id: "ctc_1", bot_id: "" };
  const bot = { contact_id: "", bot_id: "bot_1" };
  expect(stepOf("auth", bot)).toBe("bot");
  expect(stepOf("auth", contact)).toBe("operator");
  expect(stepOf("a_code_of_the_operator", contact)).toBe("operator");
  expect(placeOf("address", contact, "t")).toEqual({ to: "/contacts/ctc_1", needs: "contact.get" });
  expect(placeOf("switchOn", bot, "t")).toEqual({ to: "/bots/bot_1", needs: "bot.get" });
  expect(placeOf("subscription", contact, "cost.bill")).toEqual({ to: "/subscriptions/cost.bill", needs: "subscription.list" });
  expect(placeOf("waits", contact, "t")).toBeUndefined();
  expect(placeOf("address", { contact_id: "", bot_id: "" }, "t")).toBeUndefined();
});

const delivery = (id: string, state: Delivery["state"], contact: string, more: Partial<Delivery> = {}) => ({ id, state, contact_id: contact, bot_id: "", channel: "sms", recipient: contact, replay_of: "", ...more }) as Delivery;

test("who missed something comes first, and what failed before what arrived", () => {
  const groups = grouped([delivery("1", "delivered", "ann"), delivery("2", "delivered", "bob"), delivery("3", "failed", "bob"), delivery("4", "suppressed", "cem")]);
  expect(groups.map((group) => [group.recipient, group.deliveries.map((each) => each.id)])).toEqual([["bob", ["3", "2"]], ["cem", ["4"]], ["ann", ["1"]]]);
});

test("what was sent again is not offered once more", () => {
  expect(unrepeated([delivery("1", "failed", "a"), delivery("2", "failed", "b"), delivery("3", "delivered", "a", { replay_of: "1" })]).map((each) => each.id)).toEqual(["2"]);
});

test("reports are read less often the longer they take", () => {
  expect([1, 2, 3, 20].map(pause)).toEqual([2000, 3000, 4500, 15_000]);
});

test("a call under way has no duration", () => {
  expect(duration("2026-12-01T00:00:00.000Z", "2026-12-01T00:00:00.449Z")).toBe("0.4");
  expect(duration("2026-12-01T00:00:00Z", null)).toBeUndefined();
});
