import { useId, useState } from "react";
import { Button, Facts, Failure, type FormState, Input, Loaded } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { usePreview, useSelected } from "../api.ts";
import { agreement, type Draft } from "./draft.ts";

/** What sending means: how many accounts, what they read, when. */
export function Check({ form, zone, onBack }: { form: FormState<Draft>; zone: string; onBack: () => void }) {
  const t = useText("announcement");
  const names = useNames();
  const id = useId();
  const [typed, setTyped] = useState("");
  const draft = form.values;
  const selected = useSelected(draft, zone);
  const word = agreement(selected.data, draft.type);
  return (
    <div className="b-form b-sheet">
      <Facts items={[[t("type"), names.type(draft.type)], [t("schedule_at"), draft.schedule_at.replace("T", " ") || t("atOnce")], [t("expires_at"), draft.expires_at.replace("T", " ")], [t("speedLimit"), draft.accounts_per_minute]]} />
      <h2>{t("audience")}</h2>
      <Loaded query={selected} rows={1}>
        {({ count, samples, whole }) => (
          <>
            <p><strong>{whole ? t("audienceCounted", { count }) : t("audienceMore", { n: 1000 })}</strong></p>
            {samples.length > 0 && <p>{t("samples", { names: samples.map((each) => `${each.name} (${each.alias})`).join(", ") })}</p>}
          </>
        )}
      </Loaded>
      <h2>{t("hasPreview")}</h2>
      <div className="b-pairs">
        <Sample draft={draft} language="zh-CN" title={t("preview.zh")} />
        <Sample draft={draft} language="en-US" title={t("preview.en")} />
      </div>
      <div className="b-field">
        <label htmlFor={id}>{t("typeToSend", { word })}</label>
        <Input id={id} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
      </div>
      {form.write.problem && <Failure error={form.write.problem} />}
      <div className="b-form-buttons">
        <Button onClick={onBack}>{t("back")}</Button>
        <Button type="primary" disabled={selected.isPending || typed.trim() !== word} loading={form.write.busy} onClick={() => form.write.run(draft)}>{t("send")}</Button>
      </div>
    </div>
  );
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
