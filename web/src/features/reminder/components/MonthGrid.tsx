import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useLanguage, useText } from "@/lib/i18n";
import { type Day, dayAfterKey, weeksOf } from "./month.ts";

interface Grid {
  month: string;
  today: string;
  days: Map<string, Day>;
  /** The last day of which all is known; undefined when all is. */
  known: string | undefined;
  onOpen: (day: string) => void;
  onMonth: (month: string) => void;
}

const weekdays = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-06"];

/** A month as a grid with one tab stop: arrows move the day, Enter opens it. */
export function MonthGrid({ month, today, days, known, onOpen, onMonth }: Grid) {
  const t = useText("reminder");
  const language = useLanguage();
  const [at, setAt] = useState(today.startsWith(month) ? today : `${month}-01`);
  const moved = useRef(false);
  const table = useRef<HTMLTableElement>(null);
  const current = at.startsWith(month) ? at : today.startsWith(month) ? today : `${month}-01`;
  useEffect(() => {
    if (moved.current) table.current?.querySelector<HTMLElement>(`[data-day="${current}"]`)?.focus();
    moved.current = false;
  }, [current]);
  const press = (event: KeyboardEvent) => {
    const next = dayAfterKey(current, event.key);
    if (!next) return;
    event.preventDefault();
    moved.current = true;
    setAt(next);
    if (!next.startsWith(month)) onMonth(next.slice(0, 7));
  };
  const named = (day: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(new Date(`${day}T00:00:00Z`));
  const cell = (day: string) => {
    const of = days.get(day);
    const chip = of && (of.people ? t("chip", { count: of.count, people: of.people }) : t("chipInbox", { count: of.count }));
    return (
      <td key={day} role="gridcell" className={`${day.startsWith(month) ? "" : "b-other-month"} ${day === today ? "b-today" : ""} ${known && day > known ? "b-unknown" : ""}`}>
        <button type="button" data-day={day} tabIndex={day === current ? 0 : -1} {...(day === today && { "aria-current": "date" })} onClick={() => (setAt(day), onOpen(day))}>
          <span className="b-hidden">{named(day, { dateStyle: "full" })}</span>
          <span className="b-day-number" aria-hidden="true">{Number(day.slice(8))}</span>
          {chip && <span className="b-day-chip">{chip}</span>}
        </button>
      </td>
    );
  };
  return (
    <table ref={table} role="grid" className="b-month" aria-label={named(`${month}-01`, { year: "numeric", month: "long" })} onKeyDown={press}>
      <thead>
        <tr>
          {weekdays.map((day) => (
            <th key={day} scope="col" abbr={named(day, { weekday: "long" })}>
              {named(day, { weekday: "short" })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(month).map((week) => (
          <tr key={week[0]}>{week.map(cell)}</tr>
        ))}
      </tbody>
    </table>
  );
}
