import { expect, test } from "vitest";
import { span } from "./components/age.ts";

test("an age is told in the largest unit that it fills", () => {
  expect(span(0.4)).toEqual({ unit: "s", count: 0 });
  expect(span(59.9)).toEqual({ unit: "s", count: 59 });
  expect(span(60)).toEqual({ unit: "m", count: 1 });
  expect(span(7200)).toEqual({ unit: "h", count: 2 });
  expect(span(200_000)).toEqual({ unit: "d", count: 2 });
});
