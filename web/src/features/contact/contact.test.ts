import type { SubscriptionView } from "@api/types.gen";
import { expect, test } from "vitest";
import type { Address } from "./api.ts";
import { namedBy } from "./components/named.ts";
import { bodyOf, formOf, linesOf } from "./components/preferences.ts";
import { canResend, failureOf, takesCode } from "./components/states.ts";

const row = (type: string, target_kind: SubscriptionView["target_kind"], ...targets: string[]) => ({ type, target_kind, targets: targets.map((id) => ({ id, name: id })) }) as SubscriptionView;
const rows = [row("a", "account"), row("b", "contacts", "ctc_1"), row("c", "groups", "grp_1", "grp_2"), row("d", "contacts", "ctc_2")];

test("a contact is named by itself and through its groups", () => {
  const named = namedBy({ id: "ctc_1", kind: "person", groups: [{ id: "grp_2", name: "oncall" }] }, rows);
  expect(named.map((each) => [each.row.type, each.group])).toEqual([["b", undefined], ["c", "oncall"]]);
});

test("the account contact gets what nobody is named for", () => {
  expect(namedBy({ id: "ctc_0", kind: "account", groups: [] }, rows).map((each) => each.row.type)).toEqual(["a"]);
});

const address = (state: Address["state"], more: Partial<Address> = {}) => ({ state, reason: "", leaving: false, invitation: { state: "pending", tries_left: 5 }, ...more }) as Address;

test("only what is not proven can be sent again, and what leaves never", () => {
  const states = ["pending", "verified", "failed", "expired", "waived"] as const;
  expect(states.filter((state) => canResend(address(state)))).toEqual(["pending", "failed", "expired"]);
  expect(canResend(address("pending", { leaving: true }))).toBe(false);
});

test("a code is asked for while one is out that has guesses left", () => {
  expect(takesCode(address("pending"))).toBe(true);
  expect(takesCode(address("pending", { invitation: { state: "pending", tries_left: 0 } as Address["invitation"] }))).toBe(false);
  expect(takesCode(address("pending", { invitation: null as never }))).toBe(false);
  expect(takesCode(address("verified"))).toBe(false);
});

test("a reason that nobody knows has a next step, too", () => {
  expect(failureOf(address("failed", { reason: "phone_invalid" }))).toBe("phone_invalid");
  expect(failureOf(address("failed", { reason: "solar_storm" }))).toBe("other");
});

test("quiet hours go together, and both empty ends them", () => {
  const all = { ...formOf({ allow_words: [], deny_words: [], digests: [], max_per_hour: 0, quiet_hours: null as never, version: 1 }), from: "22:00", to: "08:00" };
  expect(bodyOf({ to: "08:00" }, all)).toEqual({ quiet_hours: { from: "22:00", to: "08:00" } });
  expect(bodyOf({ from: "" }, { ...all, from: "", to: "" })).toEqual({ no_quiet_hours: true });
  expect(bodyOf({ deny_words: " test \n\nbeta" }, all)).toEqual({ deny_words: ["test", "beta"] });
});

test("words stand one a line, without blanks around them", () => expect(linesOf(" a b \n\n c")).toEqual(["a b", "c"]));
