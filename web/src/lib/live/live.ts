import type { LiveEvent } from "./events.ts";
import { follow, type Source } from "./stream.ts";

/** What is known of an inbox now. */
export interface LiveState {
  connected: boolean;
  /** The number of unread messages, as the server said last; undefined before. */
  unread?: number;
  revision?: number;
}

/** An inbox that tells of what happens in it. */
export interface Live {
  state: () => LiveState;
  subscribe: (listener: (event: LiveEvent) => void) => () => void;
  close: () => void;
}

/**
 * Listens to an inbox with one connection per browser, not per tab: browsers allow six to a
 * host. The tab that holds the lock listens and passes on what it hears. Where a page may
 * not use locks (plain http on a real host), each visible tab listens by itself.
 */
export function listen(name: string, source: Source): Live {
  const listeners = new Set<(event: LiveEvent) => void>();
  const end = new AbortController();
  let state: LiveState = { connected: false };
  const hear = (event: LiveEvent) => {
    if (event.kind === "counts") state = { ...state, unread: event.unread, revision: event.revision };
    if (event.kind === "connected") state = { ...state, connected: event.connected };
    for (const each of [...listeners]) each(event);
  };
  if (navigator.locks && "BroadcastChannel" in globalThis) share(`belfry ${name}`, source, hear, () => state, end.signal);
  else followWhileVisible(source, hear, end.signal);
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      end.abort();
      listeners.clear();
    },
  };
}

type Said = LiveEvent | { kind: "hello" };

function share(name: string, source: Source, hear: (event: LiveEvent) => void, state: () => LiveState, signal: AbortSignal): void {
  const channel = new BroadcastChannel(name);
  let leads = false;
  const tell = (event: LiveEvent) => {
    channel.postMessage(event);
    hear(event);
  };
  const greet = () => {
    const { connected, unread, revision } = state();
    channel.postMessage({ kind: "connected", connected } satisfies Said);
    if (unread !== undefined && revision !== undefined) channel.postMessage({ kind: "counts", unread, revision } satisfies Said);
  };
  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.kind !== "hello") hear(data);
    else if (leads) greet();
  };
  channel.postMessage({ kind: "hello" } satisfies Said);
  signal.addEventListener("abort", () => channel.close(), { once: true });
  navigator.locks
    .request(name, { signal }, () => {
      leads = true;
      return follow(source, tell, signal);
    })
    .catch(() => undefined); // the tab closed while it waited
}

function followWhileVisible(source: Source, hear: (event: LiveEvent) => void, signal: AbortSignal): void {
  let current: AbortController | undefined;
  const look = () => {
    if (document.hidden || signal.aborted) {
      current?.abort();
      current = undefined;
    } else if (!current) {
      current = new AbortController();
      void follow(source, hear, current.signal);
    }
  };
  document.addEventListener("visibilitychange", look);
  signal.addEventListener("abort", () => (document.removeEventListener("visibilitychange", look), look()), { once: true });
  look();
}
