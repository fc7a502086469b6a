import type { FieldView } from "@api/types.gen";
import { useState } from "react";
import { useLanguage, useText } from "@/lib/i18n";
import { Button, Input, Select } from "./antd.ts";
import { describedPointer, type DescribedValues } from "./described.ts";
import { type Control, Field, type FormState } from "./Form.tsx";

interface Props {
  form: FormState<DescribedValues>;
  field: FieldView;
  /** Whether the secret is there already; it is not shown, only replaced. */
  set: boolean;
}

/** The input of a field that a channel describes. */
export function DescribedField({ form, field, set }: Props) {
  const t = useText("ui");
  const language = useLanguage();
  const [replacing, setReplacing] = useState(!set);
  const hints = [field.help[language], field.generated && !set ? t("described.generated") : ""].filter(Boolean).join(" ");
  return (
    <Field form={form} pointer={describedPointer(field)} label={field.labels[language] ?? field.name} required={field.required && !field.generated && !set} {...(hints && { hint: hints })}>
      {(control) =>
        replacing ? (
          <Value form={form} field={field} control={control} />
        ) : (
          <span className="b-inline">
            {t("described.set")}
            <Button id={control.id} size="small" aria-label={t("described.replaceOf", { name: field.labels[language] ?? field.name })} onClick={() => setReplacing(true)}>
              {t("described.replace")}
            </Button>
          </span>
        )
      }
    </Field>
  );
}

function Value({ form, field, control }: Omit<Props, "set"> & { control: Control }) {
  const t = useText("ui");
  const name = `f.${field.name}`;
  const value = form.values[name] ?? "";
  const change = (next: string) => form.set({ [name]: next } as Partial<DescribedValues>);
  if (field.type === "enum") return <Select {...control} value={value} options={[...(field.required ? [] : [""]), ...field.enum].map((each) => ({ value: each, label: each || t("described.standard") }))} onChange={change} />;
  if (field.type === "bool") return <input id={control.id} aria-describedby={control["aria-describedby"]} aria-invalid={control["aria-invalid"]} type="checkbox" checked={value === "true"} onChange={(event) => change(event.target.checked ? "true" : "")} />;
  if (["text", "json", "headers", "pem"].includes(field.type)) return <Input.TextArea {...control} rows={3} value={value} onChange={(event) => change(event.target.value)} />;
  return <Input {...control} type={field.type === "int" ? "number" : "text"} value={value} autoComplete="off" spellCheck={false} onChange={(event) => change(event.target.value)} />;
}
