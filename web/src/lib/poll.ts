import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

/** Reads again every few seconds while something is under way, and while the page shows. */
export function usePoll(key: QueryKey, on: boolean, seconds = 4): void {
  const client = useQueryClient();
  const text = JSON.stringify(key);
  useEffect(() => {
    if (!on) return;
    const read = () => document.visibilityState === "visible" && void client.invalidateQueries({ queryKey: JSON.parse(text) as QueryKey });
    const timer = setInterval(read, seconds * 1000);
    return () => clearInterval(timer);
  }, [client, text, on, seconds]);
}
