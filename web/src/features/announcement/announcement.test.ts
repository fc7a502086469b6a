import type { AccountView } from "@api/types.gen";
import { expect, test } from "vitest";
import { agreement, audienceOf, bodyOf, emptyDraft, selects } from "./components/draft.ts";

const zone = "Asia/Shanghai";
const account = { id: "acc_1", alias: "acme", language: "zh-CN", time_zone: zone, enabled: true, created_at: "2026-11-30T16:00:00Z" } as AccountView;

test("an empty draft tells everybody, and sends nothing else", () => expect(bodyOf({ ...emptyDraft, type: "activity.launch" }, zone)).toEqual({ type: "activity.launch", audience: { all: true }, variables: {} }));

test("times are those of the zone, and the last day counts", () => {
  const draft = { ...emptyDraft, everybody: false, created_from: "2026-12-01", created_to: "2026-12-01", schedule_at: "2026-12-02T08:00" };
  expect(audienceOf(draft, zone)).toEqual({ created_from: "2026-11-30T16:00:00.000Z", created_to: "2026-12-01T16:00:00.000Z" });
  expect(bodyOf(draft, zone).schedule_at).toBe("2026-12-02T00:00:00.000Z");
});

test("lists of accounts may be pasted, repeats count once", () => expect(audienceOf({ ...emptyDraft, everybody: false, accounts: "acme, b\nacme" }, zone).accounts).toEqual(["acme", "b"]));

test("an audience selects what fits all of it", () => {
  expect(selects({ all: true }, account)).toBe(true);
  expect(selects({ all: true }, { ...account, enabled: false })).toBe(false);
  expect(selects({ accounts: ["acme"], language: "en-US" }, account)).toBe(false);
  expect(selects({ alias_prefix: "ac", created_from: "2026-11-30T16:00:00.000Z" }, account)).toBe(true);
  expect(selects({ created_to: "2026-11-30T16:00:00.000Z" }, account)).toBe(false);
});

test("the number of accounts agrees, or the type where nobody counted them", () => {
  expect(agreement({ count: 7, whole: true }, "activity.launch")).toBe("7");
  expect(agreement({ count: 1000, whole: false }, "activity.launch")).toBe("activity.launch");
});
