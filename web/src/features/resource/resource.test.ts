import { expect, test } from "vitest";
import type { Detail, Rung } from "./api.ts";
import { partsOf, toldBy } from "./components/rungs.ts";

test("the name of a rung says how long before which end", () => {
  expect(partsOf("expiry-30d")).toEqual({ end: "expiry", n: 30, unit: "d" });
  expect(partsOf("release-36h")).toEqual({ end: "release", n: 36, unit: "h" });
  expect(partsOf("expired")).toEqual({ end: "expiry", n: 0, unit: "" });
  expect(partsOf("released")).toEqual({ end: "release", n: 0, unit: "" });
});

test("a rung of an earlier deadline tells nothing of this one", () => {
  const past = (deadline: string, notification_id: string) => ({ rung: "expiry-3d", deadline, due_at: deadline, sent_at: deadline, notification_id });
  const resource = { reminders: [past("2026-11-01T00:00:00Z", "ntf_old"), past("2026-12-01T08:00:00+08:00", "ntf_new")] } as Detail;
  expect(toldBy(resource, { rung: "expiry-3d", deadline: "2026-12-01T00:00:00Z" } as Rung)).toBe("ntf_new");
  expect(toldBy(resource, { rung: "expiry-1d", deadline: "2026-12-01T00:00:00Z" } as Rung)).toBe("");
});
