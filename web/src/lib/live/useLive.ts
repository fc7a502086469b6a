import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";
import type { LiveEvent } from "./events.ts";
import type { Live, LiveState } from "./live.ts";

/** The inbox that the shell listens to; undefined where nobody may listen. */
export const LiveContext = createContext<Live | undefined>(undefined);

const silent: LiveState = { connected: false };

/** What is known of the inbox now. */
export function useLive(): LiveState {
  const live = useContext(LiveContext);
  return useSyncExternalStore((changed) => live?.subscribe(changed) ?? (() => undefined), () => live?.state() ?? silent);
}

/** Calls the listener with every event, while the component shows. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  const live = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => live?.subscribe((event) => latest.current(event)), [live]);
}
