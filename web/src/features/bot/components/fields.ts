import type { Bot, BotBody, BotField } from "../api.ts";

/** The values of a bot's form, all as typed; a box is "true" or "". */
export type BotValues = { name: string } & Record<string, string>;

/** Fields that a person fills in: what Belfry makes itself may stay empty. */
export function initialOf(fields: BotField[], bot?: Bot): BotValues {
  const values: BotValues = { name: bot?.name ?? "" };
  for (const field of fields) values[`f.${field.name}`] = field.secret ? "" : String(bot ? (bot.settings[field.name] ?? "") : field.default);
  return values;
}

const typed = (field: BotField, text: string) => (field.type === "int" && text !== "" ? Number(text) : field.type === "bool" ? text === "true" : text);

/** What is sent: settings by their types, secrets apart; a secret left empty stays as it is. */
export function bodyOf(values: BotValues, fields: BotField[], fresh: boolean): BotBody {
  const plain = fields.filter((field) => !field.secret && (!fresh || values[`f.${field.name}`] !== ""));
  const secret = fields.filter((field) => field.secret && values[`f.${field.name}`] !== "");
  return {
    name: values.name,
    settings: Object.fromEntries(plain.map((field) => [field.name, typed(field, values[`f.${field.name}`] ?? "")])),
    secrets: Object.fromEntries(secret.map((field) => [field.name, values[`f.${field.name}`] ?? ""])),
  };
}

/** Where a field stands in the request. */
export const pointerOf = (field: BotField) => `#/${field.secret ? "secrets" : "settings"}/${field.name}`;
