import type { AttemptView } from "@api/types.gen";
import { Link, TimeAt } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useTime } from "@/lib/time";
import type { Delivery } from "../api.ts";
import { NextStep, ReasonWords } from "./Reason.tsx";
import { StateChip } from "./StateChip.tsx";
import { duration } from "./trace.ts";

/** A delivery: over what, to where, how it stands; what failed is open, with why and what to do. */
export function DeliveryItem({ delivery, type }: { delivery: Delivery; type: string }) {
  const t = useText("notification");
  const names = useNames();
  const arrived = delivery.state === "delivered" || delivery.state === "accepted";
  return (
    <details className="b-delivery" open={!arrived} data-delivery={delivery.id} data-state={delivery.state}>
      <summary>
        <span className="b-delivery-channel">{delivery.channel === "inbox" ? t("inbox") : names.channel(delivery.channel)}</span>
        {delivery.address && <bdi>{delivery.address}</bdi>}
        <StateChip state={delivery.state} />
        {delivery.locked && <span className="b-hint">{t("locked")}</span>}
        <span className="b-hint">{delivery.attempts.length > 0 && t("attempts", { count: delivery.attempts.length })}</span>
        {delivery.finished_at && <TimeAt at={delivery.finished_at} />}
      </summary>
      <div className="b-delivery-body">
        {delivery.reason && (
          <p>
            <ReasonWords reason={delivery.reason} />
          </p>
        )}
        {!arrived && <NextStep reason={delivery.reason} about={delivery} type={type} />}
        {delivery.merged_into && (
          <p>
            <Link to={`/notifications/${delivery.merged_into.notification_id}`}>{t("mergedInto")}</Link>
          </p>
        )}
        <Attempts list={delivery.attempts} />
        {delivery.next_attempt_at && delivery.state === "pending" && (
          <p>
            {t("next")} <TimeAt at={delivery.next_attempt_at} />
          </p>
        )}
      </div>
    </details>
  );
}

/** Every call that was made: when, over which provider, what it answered. */
function Attempts({ list }: { list: AttemptView[] }) {
  const t = useText("notification");
  const time = useTime();
  if (list.length === 0) return null;
  return (
    <ol className="b-attempts">
      {list.map((attempt) => {
        const took = duration(attempt.started_at, attempt.finished_at);
        return (
          <li key={attempt.number}>
            <span className="b-attempt-number">{t("attempt", { n: attempt.number })}</span>
            <time dateTime={attempt.started_at} title={time.absolute(attempt.started_at)}>
              {time.clock(attempt.started_at)}
            </time>
            <span>{t("through", { provider: attempt.provider || "–" })}</span>
            <span>{took === undefined ? t("now") : `+${took} s`}</span>
            {attempt.outcome && <span>{t(`outcome.${attempt.outcome as "retry"}`, { defaultValue: attempt.outcome })}</span>}
            {attempt.parts > 0 && <span>{t("parts", { count: attempt.parts })}</span>}
            {attempt.reason && <ReasonWords reason={attempt.reason} />}
            {attempt.receipt && (
              <span>
                {t(`receipt.${attempt.receipt.state}`)} <TimeAt at={attempt.receipt.at} />
              </span>
            )}
            {attempt.receipt?.reason && <ReasonWords reason={attempt.receipt.reason} />}
            <span className="b-answer">{[attempt.provider_code, attempt.provider_message, attempt.receipt?.code].filter(Boolean).join(" ")}</span>
          </li>
        );
      })}
    </ol>
  );
}
