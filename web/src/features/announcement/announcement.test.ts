import { expect, test } from "vitest";
import { audienceOf, bodyOf, emptyDraft } from "./components/draft.ts";

const zone = "Asia/Shanghai";

test("an empty draft tells everybody, and sends nothing else", () => expect(bodyOf({ ...emptyDraft, type: "activity.launch" }, zone)).toEqual({ type: "activity.launch", audience: { all: true }, variables: {} }));

test("times are those of the zone, and the last day counts", () => {
  const draft = { ...emptyDraft, everybody: false, created_from: "2026-12-01", created_to: "2026-12-01", schedule_at: "2026-12-02T08:00" };
  expect(audienceOf(draft, zone)).toEqual({ created_from: "2026-11-30T16:00:00.000Z", created_to: "2026-12-01T16:00:00.000Z" });
  expect(bodyOf(draft, zone).schedule_at).toBe("2026-12-02T00:00:00.000Z");
});

test("lists of accounts may be pasted, repeats count once", () => expect(audienceOf({ ...emptyDraft, everybody: false, accounts: "acme, b\nacme" }, zone).accounts).toEqual(["acme", "b"]));
