import { DescribedField, type FormState, TextField } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Bot, BotField } from "../api.ts";
import type { BotValues } from "./fields.ts";

/** The inputs of a bot, as its channel describes them. */
export function BotFields({ form, fields, bot }: { form: FormState<BotValues>; fields: BotField[]; bot?: Bot }) {
  const t = useText("bot");
  return (
    <>
      <TextField form={form} name="name" label={t("name")} required max={64} />
      {fields.map((field) => (
        <DescribedField key={field.name} form={form} field={field} set={bot?.secrets_set.includes(field.name) ?? false} />
      ))}
    </>
  );
}
