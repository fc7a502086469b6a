import { expect, test } from "vitest";
import { bodyOf, counting, type Grant } from "./api.ts";

const grant = (id: string, expires_at: string | null) => ({ id, expires_at }) as Grant;

test("grants count until their end", () => {
  const now = new Date("2026-12-01T12:00:00Z");
  expect(counting([grant("1", null), grant("2", "2026-12-01T12:00:00Z"), grant("3", "2026-12-01T12:00:01Z")], now).map((each) => each.id)).toEqual(["1", "3"]);
});

test("a grant ends with its last day, in the zone of the reader", () => {
  expect(bodyOf("usr_1", { role: "MessageCenterReadOnly", until: "2026-12-31" }, "America/New_York")).toEqual({ user_id: "usr_1", role: "MessageCenterReadOnly", expires_at: "2027-01-01T05:00:00.000Z" });
  expect(bodyOf("usr_1", { role: "MessageCenterFullAccess", until: "" }, "UTC")).toEqual({ user_id: "usr_1", role: "MessageCenterFullAccess" });
});
