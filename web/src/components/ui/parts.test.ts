import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { grouped } from "./Confirmation.tsx";
import { conflicts } from "./Conflict.tsx";
import { changes } from "./Diff.tsx";
import texts from "./texts.en-US.ts";
import { outlasting } from "./outlasting.ts";
import { anyText, day, parseFilters } from "./useFilters.ts";

test("a diff names the deepest values that changed", () => {
  expect(changes({ a: 1, b: { c: 2, d: [1] } }, { a: 1, b: { c: 3, d: [1, 2] }, e: "x" })).toEqual([
    { path: "b.c", before: 2, after: 3 },
    { path: "b.d", before: [1], after: [1, 2] },
    { path: "e", before: undefined, after: "x" },
  ]);
});

test("a conflict shows what either side changed", () => {
  expect(conflicts({ name: "a", note: "n" }, { name: "b", note: "n" }, { name: "a", note: "m" })).toEqual(["name", "note"]);
});

test("who would be left without messages is named first", () => {
  const fault = (code: string) => ({ code, pointer: `#/${code}`, detail: code });
  expect(grouped([fault("single-person"), fault("other"), fault("reaches-nobody")]).map(([code]) => code)).toEqual(["reaches-nobody", "single-person", "other"]);
});

test("what goes on leads to the page where it is ended", () => {
  expect(outlasting("bots/bot_1")).toEqual({ noun: "bots", id: "bot_1", to: "/bots/bot_1" });
  expect(outlasting("announcements/ann_1")).toEqual({ noun: "announcements", id: "ann_1", to: "/platform/announcements/ann_1" });
  expect(outlasting("products/prd_1/keys/key_1")).toEqual({ noun: "products", id: "key_1", to: "/platform/products/prd_1" });
});

test("what is no filter is dropped from the address", () => {
  const schema = { state: ["unread", "read"], from: day, q: anyText } as const;
  expect(parseFilters(schema, { state: "odd", from: "2026-11-31x", q: "12", other: "x" })).toEqual({ q: "12" });
  expect(parseFilters(schema, { state: "read", from: "2026-11-30" })).toEqual({ state: "read", from: "2026-11-30" });
});

test("every problem that the documents name has words", () => {
  const codes = [...readFileSync("../docs/problems.md", "utf8").matchAll(/^## ([a-z-]+)$/gm)].map(([, code]) => code ?? "");
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => !Object.hasOwn(texts.problem, code))).toEqual([]);
});
