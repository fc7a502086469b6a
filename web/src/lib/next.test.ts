import { expect, test } from "vitest";
import { nextOf } from "./next.ts";

test.each([
  ["/inbox", "/inbox"],
  ["/console/n/ntf_1?account=demo", "/n/ntf_1?account=demo"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/a\\b", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in?next=/inbox", "/"],
  ["", "/"],
  [undefined, "/"],
])("after sign-in %s leads to %s", (asked, want) => {
  expect(nextOf(asked)).toBe(want);
});
