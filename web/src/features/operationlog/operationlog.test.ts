import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { changes } from "@/components/ui";
import type { Entry } from "./api.ts";
import { columns, exportQuery, shownRange } from "./components/exports.ts";
import { keyed } from "./components/keyed.ts";
import { actions, kinds } from "./components/known.ts";
import texts from "./texts.en-US.ts";

interface Document {
  paths: Record<string, Record<string, { operationId?: string }>>;
}

/** The operations of the API's document: those that only read, and those that write. */
function operations() {
  const { paths } = JSON.parse(readFileSync("api/openapi.json", "utf8")) as Document;
  const all = Object.values(paths).flatMap((path) => Object.entries(path));
  const of = (wanted: (method: string) => boolean) => all.filter(([method]) => wanted(method)).flatMap(([, each]) => each.operationId ?? []);
  return { all: of(() => true), writes: of((method) => method !== "get") };
}

/** These leave no row: they are asked with POST and change nothing, or providers call them. */
const asks = new Set(["announcement.check", "bell_token.create", "message_type.preview", "my_bell_token.create", "notification.explain", "receipt.record"]);

test("every operation has words", () => {
  const words = operations().all.map((action) => action.split("."));
  expect(words.length).toBeGreaterThan(100);
  expect(words.filter(([noun = "", verb = ""]) => !Object.hasOwn(texts.noun, noun) || !Object.hasOwn(texts.verb, verb))).toEqual([]);
});

test("the filter offers every operation that writes", () => {
  expect(operations().writes.filter((action) => !asks.has(action) && !actions.includes(action))).toEqual([]);
});

test("the filter offers every kind of object that the API writes down", () => {
  const source = execFileSync("grep", ["-rhoE", 'operation\\.Of\\("[a-z_]+"', "../api", "--include=*.go"], { encoding: "utf8" });
  const written = new Set([...source.matchAll(/"(\w+)"/g)].map(([, kind]) => kind ?? ""));
  expect(written.size).toBeGreaterThan(10);
  expect([...written].filter((kind) => !kinds.includes(kind))).toEqual([]);
  expect(kinds.filter((kind) => !Object.hasOwn(texts.noun, kind))).toEqual([]);
});

test("a change in one of many named things shows as that one's", () => {
  const before = [{ type: "cost.bill", cells: [{ channel: "sms", ticked: true }] }, { type: "a.b", cells: [] }];
  const after = [{ type: "cost.bill", cells: [{ channel: "sms", ticked: false }] }, { type: "a.b", cells: [] }];
  expect(changes(keyed(before), keyed(after))).toEqual([{ path: "cost·bill.cells.sms.ticked", before: true, after: false }]);
});

test("lists without names stay lists", () => {
  expect(keyed(["a", "b"])).toEqual(["a", "b"]);
  expect(keyed([{ id: "x" }, { id: "x" }])).toEqual([{ id: "x" }, { id: "x" }]);
  expect(keyed([])).toEqual([]);
});

test("an export of the rows shown asks for their time, the newest included, and for the columns that were chosen", () => {
  const shown = [{ at: "2026-11-30T10:00:00.5Z" }, { at: "2026-11-30T09:00:00Z" }] as Entry[];
  expect(shownRange(shown)).toEqual({ from: "2026-11-30T09:00:00.000Z", to: "2026-11-30T10:00:00.501Z" });
  expect(shownRange([])).toEqual({});
  const how = { format: "csv", zone: "UTC", language: "en-US" } as const;
  expect(exportQuery({ action: "bot.create" }, ["seq", "at"], how).toString()).toBe("action=bot.create&columns=seq%2Cat&time_zone=UTC&language=en-US&format=csv&bom=true");
  expect(exportQuery({}, columns, how).has("columns")).toBe(false);
});

test("an export offers the columns that the API has", () => {
  const { components } = JSON.parse(readFileSync("api/openapi.json", "utf8")) as { components: { parameters: { columns: { schema: { items: { enum: string[] } } } } } };
  expect([...columns]).toEqual(components.parameters.columns.schema.items.enum);
});
