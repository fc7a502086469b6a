import { useEffect, useState } from "react";

/** Whole seconds from now until the instant; 0 when it is past. */
export function secondsUntil(at: string | null | undefined, now: number): number {
  return at ? Math.max(0, Math.ceil((Date.parse(at) - now) / 1000)) : 0;
}

/** Seconds until the instant, counting down while the component shows. */
export function useSecondsUntil(at: string | null | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  const left = secondsUntil(at, now);
  useEffect(() => {
    if (left === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [left]);
  useEffect(() => setNow(Date.now()), [at]);
  return left;
}

/** Minutes and seconds, as on a clock: "1:32". */
export const clockOf = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
