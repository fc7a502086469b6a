import { useState } from "react";
import { Problem, problemOf } from "@/lib/client";
import { useText } from "@/lib/i18n";
import { Alert, Button } from "./antd.ts";

/** The words for a problem: ours by its code, else the server's. */
export function useProblemText(): (problem: Problem) => string {
  const t = useText("ui");
  return (problem) => {
    const ours = t(`problem.${problem.code}` as "problem.offline", { defaultValue: "" });
    return [ours, ours && problem.code !== "conflict" && problem.code !== "validation-failed" ? "" : problem.detail].filter(Boolean).join(" ") || t("problem.internal-error");
  };
}

/** What went wrong, the id to quote, and another try. What stands beside it stays. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useText("ui");
  const text = useProblemText();
  const problem = problemOf(error);
  return (
    <Alert
      type="error"
      showIcon
      className="b-failure"
      title={problem.status === 404 ? t("notHere") : text(problem)}
      description={problem.requestId && <RequestID id={problem.requestId} />}
      action={retry && problem.status !== 404 && <Button onClick={retry}>{t("again")}</Button>}
    />
  );
}

function RequestID({ id }: { id: string }) {
  const t = useText("ui");
  return (
    <span className="b-request">
      {t("request")} <code>{id}</code> <Copy text={id} />
    </span>
  );
}

/** Copies a text, and says that it did. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const t = useText("ui");
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button size="small" onClick={() => void copy()}>
      <span aria-live="polite">{copied ? t("copied") : (label ?? t("copy"))}</span>
    </Button>
  );
}
