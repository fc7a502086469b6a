import { useSyncExternalStore } from "react";

/** What a person chose for this browser alone. */
interface Settings {
  theme: "light" | "dark" | "system";
  /** Whether times are shown in the browser's zone instead of the account's. */
  ownZone: boolean;
  /** Whether single keys do something. */
  keys: boolean;
  /** The language of pages before sign-in; "" for the browser's. */
  language: string;
}

const initial: Settings = { theme: "system", ownZone: false, keys: true, language: "" };
const place = "belfry-console";
const listeners = new Set<() => void>();
let settings = read();

function read(): Settings {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<Settings>) };
  } catch {
    return initial; // a browser that keeps nothing
  }
}

/** Changes settings of this browser. */
export function choose(change: Partial<Settings>): void {
  settings = { ...settings, ...change };
  try {
    localStorage.setItem(place, JSON.stringify(settings));
  } catch {
    // it holds for this visit
  }
  for (const each of listeners) each();
}

export const chosen = () => settings;

export function useSettings(): Settings {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, chosen);
}
