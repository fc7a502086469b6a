import type { VariableView } from "@api/types.gen";
import { useId } from "react";
import { Button, Field, type FormState, Input } from "@/components/ui";
import { languages, type Language, useText } from "@/lib/i18n";
import type { Values } from "./values.ts";

/** The values that a submission brings, with samples for previews. */
export function VariableFields({ form }: { form: FormState<Values> }) {
  const t = useText("messagetype");
  const { variables } = form.values;
  const put = (at: number, change: Partial<VariableView>) => form.set({ variables: variables.map((each, i) => (i === at ? { ...each, ...change } : each)) });
  return (
    <div className="b-form">
      <p className="b-hint">{t("variablesHint")}</p>
      {variables.map((each, at) => (
        <OneVariable key={at} form={form} of={each} at={at} onChange={(change) => put(at, change)} onRemove={() => form.set({ variables: variables.toSpliced(at, 1) })} />
      ))}
      <div className="b-form-buttons">
        <Button onClick={() => form.set({ variables: [...variables, { name: "", required: true, samples: { "zh-CN": "", "en-US": "" } }] })}>{t("addVariable")}</Button>
      </div>
    </div>
  );
}

interface One {
  form: FormState<Values>;
  of: VariableView;
  at: number;
  onChange: (change: Partial<VariableView>) => void;
  onRemove: () => void;
}

function OneVariable({ form, of, at, onChange, onRemove }: One) {
  const t = useText("messagetype");
  const id = useId();
  return (
    <div role="group" aria-label={of.name || String(at + 1)} className="b-variable">
      <Field form={form} pointer={`#/variables/${at}/name`} label={t("variableName")}>
        {(control) => <Input {...control} maxLength={64} value={of.name} onChange={(event) => onChange({ name: event.target.value })} />}
      </Field>
      {(Object.keys(languages) as Language[]).map((language) => (
        <Field key={language} form={form} pointer={`#/variables/${at}/samples/${language}`} label={t("sampleIn", { language: languages[language] })}>
          {(control) => <Input {...control} lang={language} value={of.samples[language] ?? ""} onChange={(event) => onChange({ samples: { ...of.samples, [language]: event.target.value } })} />}
        </Field>
      ))}
      <span className="b-actions">
        <label htmlFor={id}>
          <input id={id} type="checkbox" checked={of.required ?? false} onChange={(event) => onChange({ required: event.target.checked })} /> {t("required")}
        </label>
        <Button aria-label={t("removeOf", { name: of.name || String(at + 1) })} onClick={onRemove}>{t("remove")}</Button>
      </span>
    </div>
  );
}
