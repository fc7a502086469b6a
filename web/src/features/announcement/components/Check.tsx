import type { CheckedView } from "@api/types.gen";
import { useId, useState } from "react";
import { Alert, Button, Facts, Failure, type FormState, Input, Loaded, useFaultText } from "@/components/ui";
import { problemOf } from "@/lib/client";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useChecked, usePreview } from "../api.ts";
import type { Draft } from "./draft.ts";

/** What sending means: how many accounts, what they read, when. */
export function Check({ form, zone, onBack }: { form: FormState<Draft>; zone: string; onBack: () => void }) {
  const t = useText("announcement");
  const names = useNames();
  const id = useId();
  const [typed, setTyped] = useState("");
  const draft = form.values;
  const checked = useChecked(draft, zone);
  const word = String(checked.data?.total ?? "");
  return (
    <div className="b-form b-sheet">
      <Facts items={[[t("type"), names.type(draft.type)], [t("schedule_at"), draft.schedule_at.replace("T", " ") || t("atOnce")], [t("expires_at"), draft.expires_at.replace("T", " ")], [t("speedLimit"), draft.accounts_per_minute]]} />
      <h2>{t("audience")}</h2>
      <Faults error={checked.error} />
      <Loaded query={checked} rows={1}>{(audience) => <Audience audience={audience} />}</Loaded>
      <h2>{t("hasPreview")}</h2>
      <div className="b-pairs">
        <Sample draft={draft} language="zh-CN" title={t("preview.zh")} />
        <Sample draft={draft} language="en-US" title={t("preview.en")} />
      </div>
      {word && (
        <div className="b-field">
          <label htmlFor={id}>{t("typeToSend", { word })}</label>
          <Input id={id} value={typed} autoComplete="off" inputMode="numeric" onChange={(event) => setTyped(event.target.value)} />
        </div>
      )}
      {form.write.problem && <Failure error={form.write.problem} />}
      <div className="b-form-buttons">
        <Button onClick={onBack}>{t("back")}</Button>
        <Button type="primary" disabled={!word || typed.trim() !== word} loading={form.write.busy} onClick={() => form.write.run(draft)}>{t("send")}</Button>
      </div>
    </div>
  );
}

/** How many accounts are told, and who they are. */
function Audience({ audience: { total, disabled, samples } }: { audience: CheckedView }) {
  const t = useText("announcement");
  return (
    <>
      <p><strong>{t("audienceCounted", { count: total })}</strong></p>
      {samples.length > 0 && <p>{t("samples", { names: samples.map((each) => `${each.name} (${each.alias})`).join(", ") })}</p>}
      {disabled > 0 && <p className="b-hint">{t("audienceDisabled", { n: disabled, of: samples.length })}</p>}
    </>
  );
}

/** What is wrong with the values, when the server does not take them. */
function Faults({ error }: { error: Error | null }) {
  const fault = useFaultText();
  const errors = error ? problemOf(error).errors : [];
  if (errors.length === 0) return null;
  return <Alert type="error" showIcon title={errors.map((each) => `${each.pointer}: ${fault(each)}`).join(" ")} />;
}

function Sample({ draft, language, title }: { draft: Draft; language: "zh-CN" | "en-US"; title: string }) {
  const preview = usePreview(draft, language);
  return (
    <section aria-label={title} className="b-sample">
      <h3>{title}</h3>
      <Loaded query={preview} rows={2}>
        {(of) => (
          <div lang={of.language}>
            <strong>{of.title}</strong>
            <p>{of.body}</p>
          </div>
        )}
      </Loaded>
    </section>
  );
}
