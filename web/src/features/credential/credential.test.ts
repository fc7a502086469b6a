import { expect, test } from "vitest";
import { bodyOf, type Key } from "./api.ts";
import { stateOf } from "./components/state.ts";

const now = new Date("2026-12-01T12:00:00Z");
const key = (more: Partial<Key>): Key => ({ id: "key_1", name: "n", created_at: "2026-11-01T00:00:00Z", expires_at: null, last_used_at: null, revoked_at: null, rotated_at: null, ...more });

test("a key is valid until it is revoked or its time is over", () => {
  expect(stateOf(key({}), now)).toBe("valid");
  expect(stateOf(key({ rotated_at: "2026-12-01T11:00:00Z" }), now)).toBe("replaced");
  expect(stateOf(key({ expires_at: "2026-12-01T12:00:00Z" }), now)).toBe("expired");
  expect(stateOf(key({ revoked_at: "2026-12-01T13:00:00Z", rotated_at: "2026-12-01T11:00:00Z" }), now)).toBe("replaced");
  expect(stateOf(key({ revoked_at: "2026-12-01T11:00:00Z", expires_at: "2026-12-01T10:00:00Z" }), now)).toBe("revoked");
});

test("a key ends with its last day, in the zone of the reader", () => {
  expect(bodyOf({ name: "n", until: "2026-12-31" }, "Asia/Shanghai")).toEqual({ name: "n", expires_at: "2026-12-31T16:00:00.000Z" });
  expect(bodyOf({ name: "n", until: "" }, "Asia/Shanghai")).toEqual({ name: "n" });
});
