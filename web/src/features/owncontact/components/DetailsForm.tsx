import { useState } from "react";
import { AddressLines, Confirmation, Field, Form, Input, Select, useNotify } from "@/components/ui";
import { languages, useText } from "@/lib/i18n";
import { type Contact, type Values, type Whose, useDetailsForm } from "../api.ts";

const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));

/** Edits name, language, zone and addresses; a new address is asked to prove itself. */
export function DetailsForm({ whose, contact }: { whose: Whose; contact: Contact | null }) {
  const [round, setRound] = useState(0);
  return <Fields key={`${round} ${contact?.id ?? ""}`} whose={whose} contact={contact} onSaved={() => setRound((now) => now + 1)} />;
}

function Fields({ whose, contact, onSaved }: { whose: Whose; contact: Contact | null; onSaved: () => void }) {
  const t = useText("owncontact");
  const notify = useNotify();
  const { form, conflict } = useDetailsForm(whose, contact, () => (notify.done(t("saved")), onSaved()));
  const choices = [{ value: "", label: t("asAccount") }, ...Object.entries(languages).map(([value, label]) => ({ value, label }))];
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <Field form={form} pointer="#/name" label={t("name")} required>
        {(control) => <Input {...control} maxLength={20} value={form.values.name} onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
      <AddressLines form={form} />
      <Field form={form} pointer="#/language" label={t("language")}>
        {(control) => <Select {...control} value={form.values.language} options={choices} onChange={(language) => form.set({ language: language as Values["language"] })} />}
      </Field>
      <Field form={form} pointer="#/time_zone" label={t("zone")} hint={t("zoneHint")}>
        {(control) => <Select {...control} value={form.values.time_zone} showSearch options={[{ value: "", label: t("asAccount") }, ...zones]} onChange={(time_zone) => form.set({ time_zone })} />}
      </Field>
      <Confirmation write={form.write} title={t("effects")} />
      {conflict}
    </Form>
  );
}
