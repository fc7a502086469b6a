import { expect, test } from "vitest";
import { bodyOf, daysOf, pointerOf } from "./components/days.ts";

const rules = { messages: { days: 365, categories: { activity: 90 } }, notifications: { days: 365 } };

test("what was read is sent as it was", () => expect(bodyOf(daysOf(rules))).toEqual({ ...rules, notifications: { days: 365, categories: {} } }));

test("an emptied category goes by the rule for all, 0 is kept for ever", () => {
  const days = { ...daysOf(rules), "messages/activity": "", "notifications/security": "0" };
  expect(bodyOf(days)).toEqual({ messages: { days: 365, categories: {} }, notifications: { days: 365, categories: { security: 0 } } });
});

test("the server's pointers lead to the inputs", () => expect(["messages", "messages/activity"].map(pointerOf)).toEqual(["#/messages/days", "#/messages/categories/activity"]));
