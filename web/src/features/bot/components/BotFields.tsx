import { Field, type FormState, Input, Select } from "@/components/ui";
import { useLanguage, useText } from "@/lib/i18n";
import type { Bot, BotField } from "../api.ts";
import { type BotValues, pointerOf } from "./fields.ts";

/** The inputs of a bot, as its channel describes them. Secrets are never filled in. */
export function BotFields({ form, fields, bot }: { form: FormState<BotValues>; fields: BotField[]; bot?: Bot }) {
  const t = useText("bot");
  return (
    <>
      <Field form={form} pointer="#/name" label={t("name")} required>
        {(control) => <Input {...control} value={form.values.name} maxLength={64} autoComplete="off" onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
      {fields.map((field) => (
        <OneField key={field.name} form={form} field={field} set={bot?.secrets_set.includes(field.name) ?? false} />
      ))}
    </>
  );
}

function OneField({ form, field, set }: { form: FormState<BotValues>; field: BotField; set: boolean }) {
  const t = useText("bot");
  const language = useLanguage();
  const name = `f.${field.name}`;
  const value = form.values[name] ?? "";
  const change = (next: string) => form.set({ [name]: next } as Partial<BotValues>);
  const hints = [field.help[language], field.generated && !set ? t("generated") : "", set ? t("isSet") : ""].filter(Boolean).join(" ");
  return (
    <Field form={form} pointer={pointerOf(field)} label={field.labels[language] ?? field.name} required={field.required && !field.generated && !set} {...(hints && { hint: hints })}>
      {(control) => {
        if (field.type === "enum") return <Select {...control} value={value} options={[...(field.required ? [] : [""]), ...field.enum].map((each) => ({ value: each, label: each || t("standard") }))} onChange={change} />;
        if (field.type === "bool") return <input id={control.id} aria-describedby={control["aria-describedby"]} aria-invalid={control["aria-invalid"]} type="checkbox" checked={value === "true"} onChange={(event) => change(event.target.checked ? "true" : "")} />;
        if (["text", "json", "headers", "pem"].includes(field.type)) return <Input.TextArea {...control} rows={3} value={value} onChange={(event) => change(event.target.value)} />;
        return <Input {...control} type={field.type === "int" ? "number" : "text"} value={value} autoComplete="off" spellCheck={false} onChange={(event) => change(event.target.value)} />;
      }}
    </Field>
  );
}
