import { Link } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type About, isReason, placeOf, stepOf } from "./reasons.ts";

/** A reason in words, with its code. */
export function ReasonWords({ reason }: { reason: string }) {
  const t = useText("notification");
  if (!reason) return null;
  return (
    <span>
      {isReason(reason) && t(`reason.${reason}`)} <code>{reason}</code>
    </span>
  );
}

/** What to do about a reason: a link to where it is done, if the reader may. */
export function NextStep({ reason, about, type }: { reason: string; about: About; type: string }) {
  const t = useText("notification");
  const can = useCan();
  if (!reason) return null;
  const step = stepOf(reason, about);
  const place = placeOf(step, about, type);
  return (
    <p className="b-step">
      {t("stepLabel")} {place && can(place.needs) ? <Link to={place.to}>{t(`step.${step}`)}</Link> : t(`step.${step}`)}
    </p>
  );
}
