import { expect, test } from "vitest";
import type { Cell, Row } from "./api.ts";
import { linesOf } from "./components/choice.ts";
import { changesOf, columnState, isFree, move, settled, tickedIn, withColumn, withTick } from "./components/pending.ts";
import { choiceOf, onTop, recipientsOf, toggled, withKind } from "./components/recipients.ts";
import { groupRows, selectRows } from "./components/rows.ts";

const cell = (channel: string, ticked: boolean, state: Cell["state"] = "free"): Cell => ({ channel, ticked, state });
const row = (type: string, cells: Cell[], more: Partial<Row> = {}): Row =>
  ({ type, category: type.split(".")[0] ?? "", cells, strict: false, chosen: false, target_kind: "account", targets: [], every_bot: true, bots: [], caps: {}, ...more }) as Row;

const bill = row("service.bill", [cell("inbox", true, "locked"), cell("email", true), cell("sms", false)]);
const attack = row("security.ddos", [cell("inbox", true, "locked"), cell("email", true, "locked"), cell("sms", false), cell("push", false, "unavailable")]);
const at = (of: Row, channel: string) => of.cells.find((each) => each.channel === channel) as Cell;

test("a tick waits, and one that is as saved is no change", () => {
  const once = withTick(new Map(), bill, at(bill, "sms"), true);
  expect(tickedIn(once, bill, at(bill, "sms"))).toBe(true);
  expect(withTick(once, bill, at(bill, "sms"), false).size).toBe(0);
});

test("locked cells resist, and what is unavailable never gets a tick", () => {
  expect(withTick(new Map(), attack, at(attack, "email"), false).size).toBe(0);
  expect(withTick(new Map(), attack, at(attack, "push"), true).size).toBe(0);
  expect(isFree(bill, cell("push", true, "unavailable"))).toBe(true);
  expect(isFree(row("a.b", [cell("sms", true)], { strict: true }), cell("sms", true))).toBe(false);
});

test("a column of a category changes its free cells, and shows all, some or none", () => {
  const rows = [bill, attack];
  expect(columnState(new Map(), rows, "sms")).toBe("none");
  const one = withTick(new Map(), bill, at(bill, "sms"), true);
  expect(columnState(one, rows, "sms")).toBe("some");
  expect(columnState(withColumn(one, rows, "sms", true), rows, "sms")).toBe("all");
  expect(columnState(new Map(), rows, "inbox")).toBeUndefined();
  expect([...withColumn(new Map(), rows, "email", false)]).toEqual([["service.bill/email", false]]);
});

test("changes are sent by type", () => {
  const pending = withTick(withTick(withTick(new Map(), bill, at(bill, "sms"), true), bill, at(bill, "email"), false), attack, at(attack, "sms"), true);
  expect(changesOf(pending)).toEqual([{ type: "service.bill", tick: ["sms"], untick: ["email"] }, { type: "security.ddos", tick: ["sms"] }]);
});

test("pending ticks survive what others saved, but for the same ones", () => {
  const pending = withTick(withTick(new Map(), bill, at(bill, "sms"), true), bill, at(bill, "email"), false);
  const theirs = row("service.bill", [cell("inbox", true, "locked"), cell("email", true), cell("sms", true)]);
  expect([...settled(pending, [theirs])]).toEqual([["service.bill/email", false]]);
});

test("keys move in the grid and stay inside", () => {
  const lengths = [2, 4];
  expect(move("ArrowDown", { row: 0, column: 1 }, lengths)).toEqual({ row: 1, column: 1 });
  expect(move("ArrowUp", { row: 1, column: 3 }, lengths)).toEqual({ row: 0, column: 1 });
  expect(move("ArrowLeft", { row: 0, column: 0 }, lengths)).toEqual({ row: 0, column: 0 });
  expect(move("End", { row: 1, column: 0 }, lengths)).toEqual({ row: 1, column: 3 });
  expect(move("Home", { row: 1, column: 3 }, lengths)).toEqual({ row: 1, column: 0 });
  expect(move(" ", { row: 1, column: 3 }, lengths)).toBeUndefined();
});

test("contacts or groups, and only what changed is sent", () => {
  const named = row("service.bill", [], { target_kind: "contacts", targets: [{ id: "ctc_1", name: "a" }] });
  const before = recipientsOf(named);
  expect(choiceOf(before, named)).toEqual({});
  expect(choiceOf({ ...before, ids: toggled(before.ids, "ctc_2") }, named)).toEqual({ contacts: ["ctc_1", "ctc_2"] });
  expect(choiceOf({ ...withKind(before, "groups"), ids: ["grp_1"] }, named)).toEqual({ groups: ["grp_1"] });
  expect(withKind(before, "groups").ids).toEqual([]);
  expect(withKind(before, "contacts")).toBe(before);
  expect(choiceOf({ ...before, everyBot: false, bots: ["bot_1"], caps: { sms: "5", email: "" } }, named)).toEqual({ bots: ["bot_1"], caps: { sms: 5 } });
});

test("rows are selected by all filters, and stand in the order of the categories", () => {
  const marks = { unreached: new Set(["service.bill"]), single: new Set<string>() };
  const name = (type: string) => (type === "service.bill" ? "账单" : type);
  expect(selectRows([bill, attack], { q: "账单", name, marks })).toEqual([bill]);
  expect(selectRows([bill, attack], { only: "unreached", category: "security", name, marks })).toEqual([]);
  expect(groupRows([bill, attack], ["security"]).map((each) => each.category)).toEqual(["security", "service"]);
});

test("a change is said in words, and only what differs", () => {
  const words = { recommended: "recommended", accountContact: "account", everyBot: "every", none: "-", on: "on", off: "off", channel: (key: string) => key, name: (id: string) => id.toUpperCase() };
  const after = { channels: ["sms"], target_kind: "groups", targets: ["grp"], bots: null, caps: { sms: 5 }, marketing: true, fell_back: false } as never;
  expect(linesOf(null, after, words)).toEqual([
    { part: "channels", before: "recommended", after: "sms" },
    { part: "targets", before: "account", after: "GRP" },
    { part: "caps", before: "-", after: "sms 5" },
  ]);
  expect(linesOf(after, after, words)).toEqual([]);
});

test("recipients that were chosen here go on top of what somebody else saved meanwhile", () => {
  const before = recipientsOf(bill);
  const theirs = { ...before, everyBot: false, bots: ["bot_1"], kind: "groups" as const, ids: ["grp_1"] };
  expect(onTop(before, theirs, before)).toEqual(theirs);
  expect(onTop(before, theirs, { ...before, ids: ["con_1"] })).toEqual({ ...theirs, kind: "contacts", ids: ["con_1"] });
  expect(onTop(before, theirs, { ...before, caps: { sms: "3" } })).toEqual({ ...theirs, caps: { sms: "3" } });
});
