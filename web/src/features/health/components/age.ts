import { useText } from "@/lib/i18n";

/** A time that passed, in the largest unit that it fills: seconds below a minute. */
export function span(seconds: number): { unit: "s" | "m" | "h" | "d"; count: number } {
  const units = [["d", 86_400], ["h", 3600], ["m", 60]] as const;
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? (["s", 1] as const);
  return { unit, count: Math.floor(seconds / size) };
}

/** The words for seconds that passed. */
export function useAge(): (seconds: number) => string {
  const t = useText("health");
  return (seconds) => {
    const { unit, count } = span(seconds);
    return t(`age.${unit}`, { count });
  };
}
