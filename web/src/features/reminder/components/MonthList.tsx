import { Empty } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import type { Day } from "./month.ts";

/** The days of a month on which something comes, one below the other: what phones show. */
export function MonthList({ days, onOpen }: { days: Day[]; onOpen: (day: string) => void }) {
  const t = useText("reminder");
  const time = useTime();
  if (days.length === 0) return <Empty text={t("nothing")} />;
  return (
    <ul className="b-month-list">
      {days.map((each) => (
        <li key={each.day}>
          <button type="button" onClick={() => onOpen(each.day)}>
            <strong>{time.day(each.reminders[0]?.at ?? `${each.day}T00:00:00Z`)}</strong>
            <span>{each.people ? t("chip", { count: each.count, people: each.people }) : t("chipInbox", { count: each.count })}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
