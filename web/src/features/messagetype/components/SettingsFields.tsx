import { BoxesField, Field, type FormState, Input, NumberField, Select, SwitchField, TagsField } from "@/components/ui";
import { languages, type Language, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { audiencesOf, severities, type Severity, type Values } from "./values.ts";

const flags = ["enabled", "strict", "marketing", "optional", "at_most_once"] as const;

/** What a type is called, whom it is for, and which channels cannot be switched off. */
export function SettingsFields({ form }: { form: FormState<Values> }) {
  const t = useText("messagetype");
  const names = useNames();
  const channels = names.channels.map(({ channel }) => ({ value: channel, label: names.channel(channel) }));
  return (
    <div className="b-form">
      {(["names", "descriptions"] as const).map((which) =>
        (Object.keys(languages) as Language[]).map((language) => (
          <Field key={which + language} form={form} pointer={`#/${which}/${language}`} label={`${t(which)} (${languages[language]})`} required>
            {(control) => <Input {...control} lang={language} value={form.values[which][language] ?? ""} onChange={(event) => form.set({ [which]: { ...form.values[which], [language]: event.target.value } })} />}
          </Field>
        )),
      )}
      <Field form={form} pointer="#/severity" label={t("severity")}>
        {(control) => <Select {...control} value={form.values.severity} options={severities.map((value) => ({ value, label: t(`severities.${value}`) }))} onChange={(severity: Severity) => form.set({ severity })} />}
      </Field>
      <TagsField form={form} name="audience" label={t("audience")} hint={t("audienceHint")} required options={audiencesOf(names.types)} />
      <BoxesField form={form} name="default" label={t("default")} hint={t("defaultHint")} options={channels} />
      <BoxesField form={form} name="locked" label={t("locked")} hint={t("lockedHint")} options={channels} />
      {flags.map((name) => (
        <SwitchField key={name} form={form} name={name} label={t(`flag.${name}`)} hint={t(`flagHint.${name}`)} />
      ))}
      <NumberField form={form} name="deadline_seconds" label={t("deadline")} hint={t("deadlineHint")} min={0} />
      <NumberField form={form} name="dedup_window_seconds" label={t("dedup")} hint={t("dedupHint")} min={0} />
    </div>
  );
}
