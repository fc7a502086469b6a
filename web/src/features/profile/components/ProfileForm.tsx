import { useState } from "react";
import { Field, Form, Input, Select, Switch, useNotify } from "@/components/ui";
import { type Profile, useCan, useProfile } from "@/lib/can";
import { languages, useText } from "@/lib/i18n";
import { useProfileForm } from "../api.ts";

/** What one is called, in which language messages come, whether they pop up. */
export function ProfileForm() {
  const profile = useProfile();
  const [round, setRound] = useState(0);
  return <Fields key={round} profile={profile} onSaved={() => setRound((now) => now + 1)} />;
}

function Fields({ profile, onSaved }: { profile: Profile; onSaved: () => void }) {
  const t = useText("profile");
  const can = useCan();
  const notify = useNotify();
  const { form, conflict } = useProfileForm(profile, () => (notify.done(t("saved")), onSaved()));
  const choices = [{ value: "", label: t("accountLanguage") }, ...Object.entries(languages).map(([value, label]) => ({ value, label }))];
  return (
    <Form form={form} action={t("save")} disabled={!can("profile.update") || !form.dirty}>
      <Field form={form} pointer="#/display_name" label={t("displayName")} hint={t("nameHint", { name: profile.name })}>
        {(control) => <Input {...control} maxLength={100} value={form.values.display_name} onChange={(event) => form.set({ display_name: event.target.value })} />}
      </Field>
      <Field form={form} pointer="#/language" label={t("language")} hint={t("languageHint")}>
        {(control) => <Select {...control} value={form.values.language} options={choices} onChange={(language) => form.set({ language: language as "" })} />}
      </Field>
      <Field form={form} pointer="#/popups" label={t("popups")} hint={t("popupsHint")}>
        {({ id, ...described }) => <Switch id={id} aria-describedby={described["aria-describedby"]} checked={form.values.popups} onChange={(popups) => form.set({ popups })} />}
      </Field>
      {conflict}
    </Form>
  );
}
