/** How long ago or ahead, in the largest unit that fits: "2 minutes ago". */
export function relative(at: Date, now: Date, language: string): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]] as const;
  for (const [unit, size] of units) if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  return format.format(Math.abs(seconds) < 10 ? 0 : seconds, "second");
}
