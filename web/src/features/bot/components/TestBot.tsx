import { type ReactNode, useState } from "react";
import { Button, Chip, Failure } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Trial, useTrial } from "../api.ts";

const advised = ["auth", "invalid_signature", "missing_keyword", "ip_not_allowed", "rate_limited", "timeout", "connection_failed", "not_found"] as const;

/** What one does about a reason; undefined where only the receiver's words help. */
export const adviceFor = (reason: string) => advised.find((each) => each === reason);

/** Sends a test the way that messages go, and shows the receiver's own answer. */
export function TestBot({ id, auto }: { id: string; auto?: ReactNode }) {
  const t = useText("bot");
  const [trial, setTrial] = useState<Trial>();
  const test = useTrial(id, setTrial);
  return (
    <section className="b-form">
      <div className="b-form-buttons">
        <Button loading={test.busy} onClick={() => test.run(null)}>
          {t("test")}
        </Button>
        {auto}
      </div>
      {test.problem && <Failure error={test.problem} />}
      {trial && <Answer trial={trial} />}
    </section>
  );
}

export function Answer({ trial }: { trial: Trial }) {
  const t = useText("bot");
  const advice = adviceFor(trial.reason);
  return (
    <div role="status" className="b-note">
      <p>
        <Chip tone={trial.ok ? "good" : "bad"}>{trial.ok ? t("arrived") : t("didNotArrive")}</Chip> {t("took", { n: trial.duration_ms })}
      </p>
      {(trial.provider_code || trial.provider_message) && (
        <p>
          {t("receiverSays")} <code>{[trial.provider_code, trial.provider_message].filter(Boolean).join(" ")}</code>
        </p>
      )}
      {!trial.ok && <p>{advice ? t(`advice.${advice}`) : t("advice.other", { reason: trial.reason })}</p>}
    </div>
  );
}
