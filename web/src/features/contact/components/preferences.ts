import type { PreferencesView, SetContactPreferencesInBody } from "@api/types.gen";

/** Preferences as a form holds them: words one a line, numbers as typed. */
export interface PreferenceValues {
  from: string;
  to: string;
  time_zone: string;
  allow_words: string;
  deny_words: string;
  max_per_hour: string;
}

export const formOf = (view: PreferencesView): PreferenceValues => ({
  from: view.quiet_hours?.from ?? "",
  to: view.quiet_hours?.to ?? "",
  time_zone: view.quiet_hours?.time_zone ?? "",
  allow_words: view.allow_words.join("\n"),
  deny_words: view.deny_words.join("\n"),
  max_per_hour: String(view.max_per_hour),
});

export const linesOf = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** What is sent: what changed only; the three parts of the quiet hours go together. */
export function bodyOf(change: Partial<PreferenceValues>, all: PreferenceValues): SetContactPreferencesInBody {
  const quiet = "from" in change || "to" in change || "time_zone" in change;
  const none = !all.from && !all.to;
  return {
    ...(change.allow_words !== undefined && { allow_words: linesOf(change.allow_words) }),
    ...(change.deny_words !== undefined && { deny_words: linesOf(change.deny_words) }),
    ...(change.max_per_hour !== undefined && { max_per_hour: Number(change.max_per_hour) }),
    ...(quiet && none && { no_quiet_hours: true }),
    ...(quiet && !none && { quiet_hours: { from: all.from, to: all.to, ...(all.time_zone && { time_zone: all.time_zone }) } }),
  };
}
