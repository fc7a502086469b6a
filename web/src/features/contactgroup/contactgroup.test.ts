import { expect, test } from "vitest";
import { sameMembers, toggled } from "./components/members.ts";

test("a member goes in and out", () => {
  expect(toggled(["a"], "b")).toEqual(["a", "b"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
});

test("the order of members does not count", () => {
  expect(sameMembers(["a", "b"], ["b", "a"])).toBe(true);
  expect(sameMembers(["a"], ["b"])).toBe(false);
  expect(sameMembers(["a"], [])).toBe(false);
});
