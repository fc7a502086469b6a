import type { ReactNode } from "react";
import { Chip, Link, SidePage, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { Hearer, Reminder } from "../api.ts";

interface Opened {
  title: string;
  reminders: Reminder[];
  /** A reason in words. */
  reason: (code: string) => ReactNode;
  onClose: () => void;
}

/** A day of the calendar: the messages to come, what they tell of, who gets them, and who does not. */
export function DaySide({ title, reminders, reason, onClose }: Opened) {
  const t = useText("reminder");
  return (
    <SidePage open title={title} onClose={onClose}>
      {reminders.length === 0 && <p className="b-hint">{t("nothingThatDay")}</p>}
      <div className="b-form">
        {reminders.map((each) => (
          <Message key={`${each.at} ${each.type}`} reminder={each} reason={reason} />
        ))}
      </div>
    </SidePage>
  );
}

function Message({ reminder, reason }: { reminder: Reminder; reason: Opened["reason"] }) {
  const t = useText("reminder");
  const can = useCan();
  const names = useNames();
  const more = reminder.count - reminder.resources.length;
  return (
    <section className="b-sheet b-form b-coming">
      <h3>
        <TimeAt at={reminder.at} /> {names.type(reminder.type)}
      </h3>
      <div>
        <h4>{t("resources", { count: reminder.count })}</h4>
        <ul className="b-lines">
          {reminder.resources.map((each) => (
            <li key={each.id}>
              {can("resource.get") ? <Link to={`/resources/${each.id}`}>{each.name || each.external_id}</Link> : each.name || each.external_id} <span className="b-hint">{t("endsAt")} <TimeAt at={each.deadline} /></span>
            </li>
          ))}
        </ul>
        {more > 0 && <p className="b-hint">{t("more", { count: more })}</p>}
      </div>
      <div>
        <h4>{t("recipients")}</h4>
        <ul className="b-lines">
          {reminder.to.map((each) => (
            <Line key={`${each.channel} ${each.contact_id}${each.bot_id} ${each.address}`} hearer={each} reason={reason} />
          ))}
        </ul>
        {can("subscription.list") && <Link to={`/subscriptions/${reminder.type}`}>{t("change")}</Link>}
      </div>
    </section>
  );
}

function Line({ hearer, reason }: { hearer: Hearer; reason: Opened["reason"] }) {
  const t = useText("reminder");
  const names = useNames();
  return (
    <li className="b-inline">
      <Chip tone={hearer.reason ? "neutral" : "good"}>{names.channel(hearer.channel)}</Chip>
      {hearer.recipient || t("inbox")} <bdi className="b-hint">{hearer.address}</bdi>
      {hearer.reason && <span className="b-hint">{reason(hearer.reason)}</span>}
      {hearer.merged_into && <span className="b-hint">{t("merged", { type: names.type(hearer.merged_into) })}</span>}
      {hearer.held_until && <span className="b-hint">{t("held")} <TimeAt at={hearer.held_until} /></span>}
    </li>
  );
}
