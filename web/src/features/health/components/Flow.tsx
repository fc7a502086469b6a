import { AccountName, Chip, Facts, Link, Loaded, TimeAgo } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Health, useHealth } from "../api.ts";
import { useAge } from "./age.ts";

/** What waits and since when, what is suspended, and who delivers. */
export function Flow() {
  const t = useText("health");
  return (
    <Loaded query={useHealth()}>
      {(health) => (
        <>
          <Waiting health={health} />
          <h3>{t("suspended")}</h3>
          <Suspended list={health.suspended} />
          <h3>{t("workers")}</h3>
          <Workers list={health.workers} known={health.workers_known} />
        </>
      )}
    </Loaded>
  );
}

function Waiting({ health: { notifications, outbox, overdue_seconds, unsealed_seconds, streams } }: { health: Health }) {
  const t = useText("health");
  const age = useAge();
  const open = Object.entries(notifications.open).map(([status, n]) => t(`open.${status as "pending"}`, { n, defaultValue: `${status}: ${n}` }));
  const overdue = Object.entries(overdue_seconds).filter(([, seconds]) => seconds > 0).map(([kind, seconds]) => `${t(`overdueOf.${kind as "envelope"}`, { defaultValue: kind })}: ${age(seconds)}`);
  return (
    <Facts
      items={[
        [t("notifications"), open.join(" · ") || t("none")],
        [t("oldest"), notifications.oldest_at && <TimeAgo key="oldest" at={notifications.oldest_at} />],
        [t("late"), notifications.late_at && <TimeAgo key="late" at={notifications.late_at} />],
        [t("outbox"), t("outboxOf", { n: outbox.due, age: age(outbox.age_seconds) })],
        [t("bulk"), outbox.bulk_age_seconds > 0 && age(outbox.bulk_age_seconds)],
        [t("overdue"), overdue.join(" · ") || t("none")],
        [t("unsealed"), unsealed_seconds > 0 && age(unsealed_seconds)],
        [t("streams"), String(streams)],
      ]}
    />
  );
}

function Suspended({ list }: { list: Health["suspended"] }) {
  const t = useText("health");
  if (list.length === 0) return <p>{t("suspendedNone")}</p>;
  return (
    <ul className="b-lines">
      {list.map((each) => (
        <li key={each.id} className="b-inline">
          {each.kind === "provider" ? <Link to={`/platform/channels/${each.id}`}>{each.name || each.id}</Link> : <code>{each.id}</code>}
          <Chip tone="bad">{t(`kind.${each.kind}`)}</Chip>
          {each.kind === "bot" && <AccountName id={each.account_id} />}
          <code className="b-hint">{each.reason}</code>
          {each.suspended_at && <TimeAgo at={each.suspended_at} />}
        </li>
      ))}
    </ul>
  );
}

function Workers({ list, known }: { list: Health["workers"]; known: boolean }) {
  const t = useText("health");
  if (!known) return <p>{t("workersUnknown")}</p>;
  if (list.length === 0) return <Chip tone="bad">{t("workersNone")}</Chip>;
  return (
    <ul className="b-lines">
      {list.map((each) => (
        <li key={each.identity} className="b-inline">
          <code className="b-word">{each.identity}</code>
          <span>{each.version || t("noVersion")}</span>
          <span className="b-hint">
            {t("seen")} <TimeAgo at={each.seen_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
