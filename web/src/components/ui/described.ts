import type { FieldView } from "@api/types.gen";

/** The values of a form whose fields a channel describes, all as typed; a box is "true" or "". */
export type DescribedValues = { name: string } & Record<string, string>;

/** What is there already: its name, and its settings but the secrets. */
interface Described {
  name: string;
  settings: Record<string, string | number | boolean>;
}

/** Fields that a person fills in: secrets are never filled in. */
export function describedValues(fields: FieldView[], of?: Described): DescribedValues {
  const values: DescribedValues = { name: of?.name ?? "" };
  for (const field of fields) values[`f.${field.name}`] = field.secret ? "" : String(of ? (of.settings[field.name] ?? "") : field.default);
  return values;
}

const typed = (field: FieldView, text: string) => (field.type === "int" && text !== "" ? Number(text) : field.type === "bool" ? text === "true" : text);

/** What is sent: settings by their types, secrets apart; a secret left empty stays as it is. */
export function describedBody(values: DescribedValues, fields: FieldView[], fresh: boolean) {
  const plain = fields.filter((field) => !field.secret && (!fresh || values[`f.${field.name}`] !== ""));
  const secret = fields.filter((field) => field.secret && values[`f.${field.name}`] !== "");
  return {
    name: values.name,
    settings: Object.fromEntries(plain.map((field) => [field.name, typed(field, values[`f.${field.name}`] ?? "")])),
    secrets: Object.fromEntries(secret.map((field) => [field.name, values[`f.${field.name}`] ?? ""])),
  };
}

/** What of a body belongs to the values that changed. */
export function changedBody(body: ReturnType<typeof describedBody>, change: Partial<DescribedValues>) {
  const keep = <V>(all: Record<string, V>) => Object.fromEntries(Object.entries(all).filter(([name]) => `f.${name}` in change));
  return { ...("name" in change && { name: body.name }), settings: keep(body.settings), secrets: keep(body.secrets) };
}

/** Where a field stands in the request. */
export const describedPointer = (field: FieldView) => `#/${field.secret ? "secrets" : "settings"}/${field.name}`;
