import { expect, test } from "vitest";
import type { Bot, BotField } from "./api.ts";
import { preferencesBody } from "./components/BotPreferences.tsx";
import { bodyOf, initialOf, pointerOf } from "./components/fields.ts";
import { adviceFor } from "./components/TestBot.tsx";

const field = (name: string, more: Partial<BotField> = {}) => ({ name, type: "string", secret: false, required: false, default: "", labels: {}, help: {}, enum: [], ...more }) as BotField;
const fields = [field("url", { secret: true, type: "url" }), field("keyword"), field("limit", { type: "int", default: "5" }), field("all", { type: "bool" })];

test("secrets are never filled in", () => {
  const bot = { name: "ops", settings: { keyword: "alert", limit: 7, all: true } } as never as Bot;
  expect(initialOf(fields, bot)).toEqual({ name: "ops", "f.url": "", "f.keyword": "alert", "f.limit": "7", "f.all": "true" });
});

test("values are sent by their types, secrets apart", () => {
  const values = { name: "ops", "f.url": "https://x.example", "f.keyword": "", "f.limit": "7", "f.all": "true" };
  expect(bodyOf(values, fields, true)).toEqual({ name: "ops", settings: { limit: 7, all: true }, secrets: { url: "https://x.example" } });
});

test("an edit can empty a setting, and keeps a secret that is left empty", () => {
  const values = { name: "ops", "f.url": "", "f.keyword": "", "f.limit": "7", "f.all": "" };
  expect(bodyOf(values, fields, false)).toEqual({ name: "ops", settings: { keyword: "", limit: 7, all: false }, secrets: {} });
});

test("the server's pointers lead to the inputs", () => expect(fields.slice(0, 2).map(pointerOf)).toEqual(["#/secrets/url", "#/settings/keyword"]));

test("known reasons have their advice", () => {
  expect(adviceFor("auth")).toBe("auth");
  expect(adviceFor("solar_storm")).toBeUndefined();
});

test("preferences send what changed", () => expect(preferencesBody({ deny_words: " a\n\nb ", max_per_hour: "3" })).toEqual({ deny_words: ["a", "b"], max_per_hour: 3 }));
