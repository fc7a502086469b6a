import { expect, test } from "vitest";
import { boundsOf, firstTexts, lineOf, ofDraft } from "./components/values.ts";

const fault = { pointer: "#/draft/templates/zh-CN/body", code: "syntax", detail: "Line 2: there is no variable x." };

test("faults of a draft stand at its inputs, and name their line", () => {
  expect(ofDraft([fault])[0]?.pointer).toBe("#/templates/zh-CN/body");
  expect(lineOf(fault)).toBe(2);
  expect(lineOf({ ...fault, detail: "The text must not be empty." })).toBe(0);
});

test("a line is found in its text", () => {
  const text = "one\ntwo\nthree";
  const [from, to] = boundsOf(text, 2);
  expect(text.slice(from, to)).toBe("two");
});

test("a new type says what its names say", () => {
  const made = firstTexts({ key: "service.review", zh: "复盘", en: "Review", describeZh: "已发布。", describeEn: "It is there.", severity: "info", audience: ["sre"] });
  expect(made.templates["en-US"]).toEqual({ title: "Review", body: "It is there.", subject: "Review", short: "Review" });
});
