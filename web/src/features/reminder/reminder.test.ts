import { expect, test } from "vitest";
import type { Reminder } from "./api.ts";
import { dayAfterKey, dayOf, daysOf, moveMonth, weeksOf } from "./components/month.ts";

test("weeks begin on Monday and cover the month", () => {
  const weeks = weeksOf("2026-12");
  expect(weeks).toHaveLength(5);
  expect(weeks[0]?.[0]).toBe("2026-11-30");
  expect(weeks.at(-1)?.at(-1)).toBe("2027-01-03");
  expect(weeksOf("2027-02").flat()).toHaveLength(28);
  expect(moveMonth("2026-12", 1)).toBe("2027-01");
});

test("keys move by days, weeks and months, and stay in the month", () => {
  expect(dayAfterKey("2026-12-31", "ArrowRight")).toBe("2027-01-01");
  expect(dayAfterKey("2026-12-02", "ArrowUp")).toBe("2026-11-25");
  expect(dayAfterKey("2027-01-31", "PageDown")).toBe("2027-02-28");
  expect(dayAfterKey("2026-12-02", "Home")).toBe("2026-11-30");
  expect(dayAfterKey("2026-12-02", "End")).toBe("2026-12-06");
  expect(dayAfterKey("2026-12-02", "a")).toBeUndefined();
});

test("a day is the zone's, and a person who gets two reminders counts once", () => {
  expect(dayOf("2026-12-01T18:00:00Z", "Asia/Shanghai")).toBe("2026-12-02");
  const to = (contact_id: string, reason = "") => ({ channel: "email", recipient: "", contact_id, bot_id: "", address: "", locked: false, reason, held_until: null, merged_into: "" });
  const at = (when: string, count: number, ...who: ReturnType<typeof to>[]): Reminder => ({ at: when, type: "product.expiry_7", count, resources: [], to: who });
  const days = daysOf([at("2026-12-01T18:00:00Z", 2, to("con_1"), to(""), to("con_2", "unverified")), at("2026-12-02T01:00:00Z", 1, to("con_1"), to("con_3"))], "Asia/Shanghai");
  expect([...days.keys()]).toEqual(["2026-12-02"]);
  expect(days.get("2026-12-02")).toMatchObject({ count: 3, people: 2 });
});
