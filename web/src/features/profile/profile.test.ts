import { expect, test } from "vitest";
import { bodyOf } from "./api.ts";

test("only what changed goes out, and the account's language is null", () => {
  expect(bodyOf({ popups: false })).toEqual({ popups: false });
  expect(bodyOf({ language: "" })).toEqual({ language: null });
  expect(bodyOf({ language: "en-US", display_name: "Mia" })).toEqual({ language: "en-US", display_name: "Mia" });
});
