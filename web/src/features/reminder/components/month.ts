import type { Reminder } from "../api.ts";

/** The reminders of one day, and how many of whom they reach. */
export interface Day {
  /** "2026-12-05" */
  day: string;
  reminders: Reminder[];
  /** How many resources they tell of; one that two reminders name counts twice. */
  count: number;
  /** How many contacts and bots hear of them. */
  people: number;
}

const long = 86_400_000;

/** Moves a day, by days: days are of the calendar, so no zone plays a part. */
export const moveDay = (day: string, by: number) => new Date(Date.parse(`${day}T00:00:00Z`) + by * long).toISOString().slice(0, 10);

/** Moves a month: "2026-12" by 1 is "2027-01". */
export function moveMonth(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The day of the zone on which the instant is. */
export function dayOf(at: string | Date, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at));
}

/** The weeks that show the month, Monday first; the days of its neighbours fill them. */
export function weeksOf(month: string): string[][] {
  const first = `${month}-01`;
  const weekday = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const weeks: string[][] = [];
  for (let monday = moveDay(first, -weekday); monday.slice(0, 7) <= month; monday = moveDay(monday, 7)) weeks.push(Array.from({ length: 7 }, (_, i) => moveDay(monday, i)));
  return weeks;
}

/** The reminders by the day of the zone. */
export function daysOf(reminders: Reminder[], zone: string): Map<string, Day> {
  const days = new Map<string, Day>();
  for (const each of reminders) {
    const day = dayOf(each.at, zone);
    const of = days.get(day) ?? { day, reminders: [], count: 0, people: 0 };
    of.reminders.push(each);
    of.count += each.count;
    days.set(day, of);
  }
  for (const of of days.values()) of.people = new Set(of.reminders.flatMap((each) => each.to.filter((one) => !one.reason).map((one) => one.contact_id || one.bot_id)).filter(Boolean)).size;
  return days;
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** The day that a key leads to from another; undefined for keys that move nothing. */
export function dayAfterKey(day: string, key: string): string | undefined {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  if (key === "Home") return moveDay(day, -weekday);
  if (key === "End") return moveDay(day, 6 - weekday);
  if (key === "PageUp" || key === "PageDown") {
    const month = moveMonth(day.slice(0, 7), key === "PageUp" ? -1 : 1);
    const last = moveDay(`${moveMonth(month, 1)}-01`, -1);
    return `${month}-${day.slice(8)}` > last ? last : `${month}-${day.slice(8)}`;
  }
  const by = steps[key];
  return by === undefined ? undefined : moveDay(day, by);
}
