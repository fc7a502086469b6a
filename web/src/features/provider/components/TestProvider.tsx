import { useState } from "react";
import { Chip, Facts, Form, TextField } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Provider, type Trial, useTrial } from "../api.ts";

/** Sends a test the way that messages go, and shows the provider's own answer. */
export function TestProvider({ provider }: { provider: Provider }) {
  const t = useText("provider");
  const [trial, setTrial] = useState<Trial>();
  const form = useTrial(provider.id, setTrial);
  return (
    <>
      <Form form={form} action={t("test")} disabled={!form.values.to.trim()}>
        <TextField form={form} name="to" label={t("testTo")} hint={t("testNote")} max={254} />
      </Form>
      <div role="status">{trial && <Answer trial={trial} />}</div>
    </>
  );
}

function Answer({ trial }: { trial: Trial }) {
  const t = useText("provider");
  return (
    <div className="b-note b-form">
      <Chip tone={trial.ok ? "good" : "bad"}>{trial.ok ? t("worked") : t("didNotWork")}</Chip>
      <Facts
        items={[
          [t("outcome"), t(`outcomes.${trial.outcome}`)],
          [t("reason"), trial.reason && <code key="reason">{trial.reason}</code>],
          [t("code"), trial.provider_code && <code key="code">{trial.provider_code}</code>],
          [t("message"), trial.provider_message],
          [t("reference"), trial.provider_ref && <code key="ref">{trial.provider_ref}</code>],
          [t("duration"), t("ms", { n: trial.duration_ms })],
        ]}
      />
    </div>
  );
}
