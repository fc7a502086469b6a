import { Chip, Link, TimeAt, type Tone } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { Detail, Rung } from "../api.ts";
import { partsOf, toldBy } from "./rungs.ts";

const tones: Record<Rung["state"], Tone> = { sent: "good", next: "info", planned: "neutral", will_not: "neutral" };

/** The ladder as a line, from the first reminder to the end: sent, next, planned, or never. */
export function Ladder({ resource }: { resource: Detail }) {
  const t = useText("resource");
  if (resource.rungs.length === 0) return <p className="b-hint">{t("noRungs")}</p>;
  return (
    <ol className="b-ladder" aria-label={t("ladder")}>
      {resource.rungs.map((rung) => (
        <Step key={`${rung.rung} ${rung.deadline}`} rung={rung} notification={toldBy(resource, rung)} />
      ))}
    </ol>
  );
}

function Step({ rung, notification }: { rung: Rung; notification: string }) {
  const t = useText("resource");
  const can = useCan();
  const names = useNames();
  const { end, n, unit } = partsOf(rung.rung);
  const name = unit ? t(`before.${end}`, { span: t(`span.${unit}`, { count: n }) }) : t(`at.${end}`);
  return (
    <li className={`b-rung b-rung-${rung.state}`} {...(rung.state === "next" && { "aria-current": "step" })}>
      <strong>{name}</strong>
      <Chip tone={tones[rung.state]} icon={rung.state === "next" ? "clock" : rung.state === "will_not" ? "cross" : undefined}>
        {t(`rung.${rung.state}`)}
      </Chip>
      <TimeAt at={rung.at} />
      <span className="b-hint">{names.type(rung.type)}</span>
      {notification && can("notification.get") && <Link to={`/notifications/${notification}`}>{t("toNotification")}</Link>}
    </li>
  );
}
