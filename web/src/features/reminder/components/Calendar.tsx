import "../reminder.css";
import type { ReactNode } from "react";
import { Button, day as aDay, Icon, Loaded, TimeAt, useFilters } from "@/components/ui";
import { useLanguage, useText } from "@/lib/i18n";
import { useNarrow } from "@/lib/narrow";
import { startOfDay, useTime } from "@/lib/time";
import { type Forecast, useForecast } from "../api.ts";
import { DaySide } from "./DaySide.tsx";
import { dayOf, daysOf, moveDay, moveMonth, weeksOf } from "./month.ts";
import { MonthGrid } from "./MonthGrid.tsx";
import { MonthList } from "./MonthList.tsx";

const schema = { month: /^2\d{3}-(0[1-9]|1[0-2])$/, day: aDay };

/** A month of reminders to come: a grid, on phones a list. */
export function Calendar({ reason }: { reason: (code: string) => ReactNode }) {
  const t = useText("reminder");
  const language = useLanguage();
  const { zone } = useTime();
  const { filters, set } = useFilters(schema);
  const today = dayOf(new Date(), zone);
  const month = filters.month ?? filters.day?.slice(0, 7) ?? today.slice(0, 7);
  const last = weeksOf(month).at(-1)?.at(-1) ?? today;
  const query = useForecast(startOfDay(moveDay(last, 1), zone).toISOString());
  const go = (to: string) => set({ month: to, day: "" });
  return (
    <>
      <div className="b-month-head">
        <Button aria-label={t("before")} onClick={() => go(moveMonth(month, -1))} disabled={month <= today.slice(0, 7)}><Icon name="left" /></Button>
        <h2 aria-live="polite">{new Intl.DateTimeFormat(language, { timeZone: "UTC", year: "numeric", month: "long" }).format(new Date(`${month}-01T00:00:00Z`))}</h2>
        <Button aria-label={t("after")} onClick={() => go(moveMonth(month, 1))}><Icon name="right" /></Button>
        <Button onClick={() => go("")}>{t("today")}</Button>
      </div>
      <Loaded query={query} rows={10}>
        {(forecast) => <Month forecast={forecast} month={month} today={today} opened={filters.day} onOpen={(day) => set({ month, day })} onMonth={go} reason={reason} />}
      </Loaded>
    </>
  );
}

interface Shown {
  forecast: Forecast;
  month: string;
  today: string;
  opened: string | undefined;
  onOpen: (day: string) => void;
  onMonth: (month: string) => void;
  reason: (code: string) => ReactNode;
}

function Month({ forecast, month, today, opened, onOpen, onMonth, reason }: Shown) {
  const t = useText("reminder");
  const { zone } = useTime();
  const narrow = useNarrow();
  const language = useLanguage();
  const days = daysOf(forecast.items, zone);
  const end = forecast.completeUntil;
  const known = end && dayOf(end, zone);
  const title = opened && new Intl.DateTimeFormat(language, { timeZone: "UTC", dateStyle: "full" }).format(new Date(`${opened}T00:00:00Z`));
  return (
    <>
      {end && <p className="b-note" role="status">{t("completeUntil")} <TimeAt at={end} /></p>}
      {narrow ? <MonthList days={[...days.values()].filter((each) => each.day.startsWith(month))} onOpen={onOpen} /> : <MonthGrid month={month} today={today} days={days} known={known} onOpen={onOpen} onMonth={onMonth} />}
      {opened && title && <DaySide title={title} reminders={days.get(opened)?.reminders ?? []} reason={reason} onClose={() => onOpen("")} />}
    </>
  );
}
