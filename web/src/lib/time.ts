import { createContext, useContext, useMemo } from "react";
import { relative } from "./relative.ts";

/** The zone in which times are shown, and the language. */
export interface TimeSettings {
  zone: string;
  language: string;
}

export const TimeContext = createContext<TimeSettings>({ zone: "UTC", language: "zh-CN" });

/** The browser's own zone. */
export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Formats times in the zone of the reader. */
export function useTime() {
  const { zone, language } = useContext(TimeContext);
  return useMemo(() => {
    const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: "h23", ...options });
    const full = make({ dateStyle: "medium", timeStyle: "medium" });
    const long = make({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
    const clock = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const day = make({ dateStyle: "medium" });
    const of = (format: Intl.DateTimeFormat) => (at: string | Date) => format.format(new Date(at));
    return {
      zone,
      /** Date and time. */
      full: of(full),
      /** Date, time and zone: what stands behind a relative time. */
      absolute: of(long),
      clock: of(clock),
      day: of(day),
      relative: (at: string | Date) => relative(new Date(at), new Date(), language),
    };
  }, [zone, language]);
}

/** How far the zone is ahead of UTC at the instant, in milliseconds. */
function offset(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(at.getTime() / 1000) * 1000;
}

/** The instant of a wall clock's time ("2026-11-30T08:00") in the zone. Where the clock skips it, the first instant after. */
export function instantOf(local: string, zone: string): Date {
  const wall = Date.parse(`${local}Z`);
  const guess = wall - offset(new Date(wall), zone);
  const settled = wall - offset(new Date(guess), zone);
  return new Date(Math.max(settled, wall - offset(new Date(settled), zone)));
}

/** When the day ("2026-11-30") begins in the zone. */
export const startOfDay = (day: string, zone: string): Date => instantOf(`${day}T00:00`, zone);

/** Two inclusive days of the zone as the API takes a range: from inclusive, to exclusive. */
export function dayRange(from: string, to: string, zone: string): { from?: string; to?: string } {
  const next = to && new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return {
    ...(from && { from: startOfDay(from, zone).toISOString() }),
    ...(next && { to: startOfDay(next, zone).toISOString() }),
  };
}
