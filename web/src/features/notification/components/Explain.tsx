import type { VerdictView } from "@api/types.gen";
import { Chip, Loaded, SidePage, TimeAt, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Report, useExplanation } from "../api.ts";
import { NextStep, ReasonWords } from "./Reason.tsx";

const tones: Record<VerdictView["verdict"], Tone> = { deliver: "good", hold: "info", suppress: "neutral" };

/** How a notification like this one would go now: by the code that decides when one is planned. */
export function Explain({ report, own, open, onClose }: { report: Report; own: boolean; open: boolean; onClose: () => void }) {
  const t = useText("notification");
  const names = useNames();
  const query = useExplanation({ type: report.type, severity: report.severity, ...(!own && { account: report.account_id }) }, open);
  return (
    <SidePage open={open} title={t("explainTitle")} onClose={onClose}>
      <p>{t("explainNote", { type: names.type(report.type) })}</p>
      <Loaded query={query}>
        {(data) => (
          <ul className="b-verdicts">
            {data.deliveries.map((verdict, i) => (
              <li key={i}>
                <p className="b-verdict">
                  <strong>{verdict.recipient || t("inbox")}</strong>
                  {verdict.recipient && <span>{names.channel(verdict.channel)}</span>}
                  {verdict.address && <bdi>{verdict.address}</bdi>}
                  <Chip tone={tones[verdict.verdict]}>{t(`verdict.${verdict.verdict}`)}</Chip>
                  {verdict.until && (
                    <span>
                      {t("until")} <TimeAt at={verdict.until} />
                    </span>
                  )}
                </p>
                <ReasonWords reason={verdict.reason} />
                <NextStep reason={verdict.reason} about={verdict} type={data.type} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </SidePage>
  );
}
