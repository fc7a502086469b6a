/** Whether the server answers, for the bar above the page. */
export interface Connection {
  connected: boolean;
  /** When the server answered last. */
  since: Date;
}

let state: Connection = { connected: true, since: new Date() };
const listeners = new Set<() => void>();

/** The store of useSyncExternalStore. */
export const connection = {
  get: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Notes whether the server answered. */
  note(connected: boolean) {
    if (connected === state.connected && !connected) return;
    const changed = connected !== state.connected;
    state = connected && !changed ? state : { connected, since: connected ? new Date() : state.since };
    if (connected && !changed) state.since = new Date();
    if (changed) for (const each of listeners) each();
  },
};
