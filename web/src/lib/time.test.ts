import { expect, test } from "vitest";
import { relative } from "./relative.ts";
import { dayRange, startOfDay } from "./time.ts";

test.each([
  ["2026-11-30", "Asia/Shanghai", "2026-11-29T16:00:00.000Z"],
  ["2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z"],
  ["2026-03-09", "America/New_York", "2026-03-09T04:00:00.000Z"],
  ["2026-11-02", "America/New_York", "2026-11-02T05:00:00.000Z"],
  ["2026-01-01", "UTC", "2026-01-01T00:00:00.000Z"],
])("%s begins in %s at %s", (day, zone, want) => {
  expect(startOfDay(day, zone).toISOString()).toBe(want);
});

test("both days of a range are in it", () => {
  expect(dayRange("2026-11-01", "2026-11-30", "Asia/Shanghai")).toEqual({ from: "2026-10-31T16:00:00.000Z", to: "2026-11-30T16:00:00.000Z" });
  expect(dayRange("", "2026-11-30", "UTC")).toEqual({ to: "2026-12-01T00:00:00.000Z" });
});

test("relative times take the largest unit that fits", () => {
  const now = new Date("2026-12-01T12:00:00Z");
  expect(relative(new Date("2026-12-01T11:58:00Z"), now, "en-US")).toBe("2 minutes ago");
  expect(relative(new Date("2026-11-30T11:00:00Z"), now, "zh-CN")).toBe("昨天");
});
