import { type FormEvent, useId } from "react";
import { Alert, Button, Field, type FormState, Input, Select, TextField, useFaultText } from "@/components/ui";
import { languages, useLanguage, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useType } from "../api.ts";
import type { Draft } from "./draft.ts";

/** What is said, to whom, and when. */
export function Compose({ form, zone, onCheck }: { form: FormState<Draft>; zone: string; onCheck: () => void }) {
  const t = useText("announcement");
  const names = useNames();
  const fault = useFaultText();
  const types = names.types.filter((each) => each.enabled && !each.internal);
  const next = (event: FormEvent) => {
    event.preventDefault();
    onCheck();
  };
  const severities = (["", "info", "warning", "critical"] as const).map((value) => ({ value, label: value ? t(`severities.${value}`) : t("anySeverity") }));
  return (
    <form className="b-form b-sheet" onSubmit={next} noValidate>
      {form.faults.length > 0 && <Alert type="error" showIcon title={form.faults.map((each) => `${each.pointer}: ${fault(each)}`).join(" ")} />}
      <Field form={form} pointer="#/type" label={t("type")} required>
        {(control) => <Select {...control} showSearch={{ optionFilterProp: "label" }} value={form.values.type || undefined} options={types.map(({ key }) => ({ value: key, label: `${names.type(key)} (${key})` }))} onChange={(type: string) => form.set({ type, variables: {} })} />}
      </Field>
      <Values form={form} />
      <div className="b-pairs">
        <TextField form={form} name="link" label={t("link")} hint={t("linkHint")} max={2000} />
        <Field form={form} pointer="#/severity" label={t("severity")}>
          {(control) => <Select {...control} value={form.values.severity} options={severities} onChange={(severity: Draft["severity"]) => form.set({ severity })} />}
        </Field>
      </div>
      <Audience form={form} />
      <div className="b-pairs">
        <TextField form={form} name="schedule_at" label={t("schedule_at")} hint={t("scheduleHint", { zone })} type="datetime-local" />
        <TextField form={form} name="expires_at" label={t("expires_at")} hint={t("expiresHint")} type="datetime-local" />
        <TextField form={form} name="accounts_per_minute" label={t("speedLimit")} hint={t("speedHint")} type="number" />
        <TextField form={form} name="external_id" label={t("external_id")} max={128} />
      </div>
      <div className="b-form-buttons">
        <Button type="primary" htmlType="submit" disabled={!form.values.type}>{t("check")}</Button>
      </div>
    </form>
  );
}

/** An input for each variable of the type; its sample says what is meant. */
function Values({ form }: { form: FormState<Draft> }) {
  const language = useLanguage();
  const type = useType(form.values.type).data;
  const { variables } = form.values;
  if (!type) return null;
  return (
    <>
      {type.variables.map((each) => (
        <Field key={each.name} form={form} pointer={`#/variables/${each.name}`} label={each.name} hint={each.samples[language]} required={each.required}>
          {(control) => <Input {...control} value={variables[each.name] ?? ""} autoComplete="off" onChange={(event) => form.set({ variables: { ...variables, [each.name]: event.target.value } })} />}
        </Field>
      ))}
    </>
  );
}

function Audience({ form }: { form: FormState<Draft> }) {
  const t = useText("announcement");
  const id = useId();
  const { everybody } = form.values;
  const spoken = [{ value: "", label: t("anything") }, ...Object.entries(languages).map(([value, label]) => ({ value, label }))];
  return (
    <fieldset className="b-fieldset">
      <legend>{t("audience")}</legend>
      <div className="b-choices">
        {[true, false].map((all) => (
          <label key={String(all)} htmlFor={`${id}${all}`}>
            <input id={`${id}${all}`} type="radio" name={id} checked={everybody === all} onChange={() => form.set({ everybody: all })} /> {all ? t("everybody") : t("some")}
          </label>
        ))}
      </div>
      {!everybody && (
        <>
          <p className="b-hint">{t("someHint")}</p>
          <TextField form={form} name="accounts" pointer="#/audience/accounts" label={t("accounts")} hint={t("accountsHint")} rows={3} />
          <div className="b-pairs">
            <TextField form={form} name="alias_prefix" pointer="#/audience/alias_prefix" label={t("alias_prefix")} max={32} />
            <Field form={form} pointer="#/audience/language" label={t("language")}>
              {(control) => <Select {...control} value={form.values.language as string} options={spoken} onChange={(language) => form.set({ language: language as Draft["language"] })} />}
            </Field>
            <TextField form={form} name="time_zone" pointer="#/audience/time_zone" label={t("time_zone")} max={64} />
            <TextField form={form} name="created_from" pointer="#/audience/created_from" label={t("created_from")} type="date" />
            <TextField form={form} name="created_to" pointer="#/audience/created_to" label={t("created_to")} type="date" />
          </div>
        </>
      )}
    </fieldset>
  );
}
