import type { PreferencesView } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { Field, Form, Input, Loaded, useEdit, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Contact, readPreferences, setPreferences, usePreferences } from "../api.ts";
import { bodyOf, formOf, type PreferenceValues } from "./preferences.ts";

/** Quiet hours, words, and how much an hour may bring. */
export function Preferences({ contact }: { contact: Contact }) {
  const can = useCan();
  const query = usePreferences(contact.id);
  return <Loaded query={query}>{(view) => (can("contact.set_preferences") ? <Edit key={contact.id} id={contact.id} view={view} /> : <Shown view={view} />)}</Loaded>;
}

function Edit({ id, view }: { id: string; view: PreferencesView }) {
  const t = useText("contact");
  const client = useQueryClient();
  const notify = useNotify();
  const { form, conflict } = useEdit<PreferenceValues, PreferencesView>({
    current: view,
    values: formOf,
    send: (change, { headers }, all) => setPreferences({ path: { id }, body: bodyOf(change, all), headers }),
    read: () => readPreferences(id),
    name: (field) => t(`preferences.${field}` as "preferences.from", { defaultValue: field }),
    done: () => {
      void client.invalidateQueries({ queryKey: ["contact", "preferences", id] });
      notify.done(t("saved"));
    },
  });
  const text = (field: "from" | "to" | "time_zone" | "max_per_hour", pointer: string, type = "text", hint?: string) => (
    <Field form={form} pointer={pointer} label={t(`preferences.${field}`)} hint={hint}>
      {(control) => <Input {...control} type={type} min={0} value={form.values[field]} onChange={(event) => form.set({ [field]: event.target.value })} />}
    </Field>
  );
  const words = (field: "allow_words" | "deny_words") => (
    <Field form={form} pointer={`#/${field}`} label={t(`preferences.${field}`)} hint={t("preferences.oneALine")}>
      {(control) => <Input.TextArea {...control} rows={3} value={form.values[field]} onChange={(event) => form.set({ [field]: event.target.value })} />}
    </Field>
  );
  return (
    <>
      <Form form={form} action={t("save")} disabled={!form.dirty}>
        <p className="b-hint">{t("preferences.note")}</p>
        {text("from", "#/quiet_hours/from", "time")}
        {text("to", "#/quiet_hours/to", "time", t("preferences.noQuiet"))}
        {text("time_zone", "#/quiet_hours/time_zone")}
        {words("allow_words")}
        {words("deny_words")}
        {text("max_per_hour", "#/max_per_hour", "number", t("preferences.zero"))}
      </Form>
      {conflict}
    </>
  );
}

function Shown({ view }: { view: PreferencesView }) {
  const t = useText("contact");
  const values = formOf(view);
  return (
    <dl className="b-facts">
      {(["from", "to", "time_zone", "allow_words", "deny_words", "max_per_hour"] as const).map((field) => (
        <div key={field}>
          <dt>{t(`preferences.${field}`)}</dt>
          <dd>{values[field].replaceAll("\n", ", ") || t("none")}</dd>
        </div>
      ))}
    </dl>
  );
}
