import { useState } from "react";
import { Field, Form, type FormState, Input, Loaded, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import "../retention.css";
import { type Retention, useRetention, useRetentionForm } from "../api.ts";
import { type Days, daysOf, pointerOf, rules } from "./days.ts";

/** How long things are kept, by category. */
export function RetentionForm() {
  const [round, setRound] = useState(0);
  return <Loaded query={useRetention()}>{(retention) => <Opened key={round} retention={retention} onSaved={() => setRound((now) => now + 1)} />}</Loaded>;
}

function Opened({ retention, onSaved }: { retention: Retention; onSaved: () => void }) {
  const t = useText("retention");
  const can = useCan();
  const notify = useNotify();
  const label = useLabels();
  const { form, conflict } = useRetentionForm(retention, label, () => (notify.done(t("saved")), onSaved()));
  if (!can("retention.update")) return <Given days={daysOf(retention)} />;
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <p className="b-hint">{t("note")}</p>
      {rules.map((rule) => (
        <fieldset key={rule} className="b-fieldset">
          <legend>{t(rule)}</legend>
          <div className="b-days-grid">
            <Line form={form} name={rule} label={t("all")} />
            <Categories form={form} rule={rule} />
          </div>
        </fieldset>
      ))}
      {conflict}
    </Form>
  );
}

function Categories({ form, rule }: { form: FormState<Days>; rule: string }) {
  const names = useNames();
  return names.categories.map(({ key }) => <Line key={key} form={form} name={`${rule}/${key}`} label={names.category(key)} empty={form.values[rule]} />);
}

/** Days of one category; empty, they are those of all. */
function Line({ form, name, label, empty }: { form: FormState<Days>; name: string; label: string; empty?: string }) {
  return (
    <Field form={form} pointer={pointerOf(name)} label={label}>
      {(control) => <Input {...control} type="number" min={0} max={3650} placeholder={empty} value={form.values[name] ?? ""} onChange={(event) => form.set({ [name]: event.target.value })} />}
    </Field>
  );
}

function useLabels() {
  const t = useText("retention");
  const names = useNames();
  return (key: string) => {
    const [rule, category] = key.split("/");
    return `${t(rule === "messages" ? "messages" : "notifications")}: ${category ? names.category(category) : t("all")}`;
  };
}

/** The rules for those who only read them. */
function Given({ days }: { days: Days }) {
  const t = useText("retention");
  const label = useLabels();
  return (
    <ul className="b-lines">
      {Object.entries(days).map(([key, value]) => (
        <li key={key}>
          {label(key)} · {value === "0" ? t("forEver") : t("daysOf", { n: value })}
        </li>
      ))}
    </ul>
  );
}
