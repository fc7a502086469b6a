import { eventOf, type LiveEvent, reader } from "./events.ts";

/** A connection to one inbox's stream. */
export interface Source {
  /** Where the stream is. */
  url: string;
  /** The header Authorization, where there is no cookie: asked for each connection, since tokens end. */
  authorization?: () => Promise<string>;
}

/** The server sends something every 15 s; after a minute of silence nobody is there any more. */
const silence = 60_000;

const pause = (time: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, time);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });

/**
 * Listens to the stream until the signal, or until the right to it is gone: comes back by
 * itself with the id of the last event, so that nothing is missed and nothing told twice.
 */
export async function follow(source: Source, tell: (event: LiveEvent) => void, signal: AbortSignal): Promise<void> {
  let last = "";
  for (let failures = 0; !signal.aborted; failures++) {
    const heard = await once(source, last, signal, (event, id) => {
      failures = 0;
      last = id || last;
      tell(event);
    });
    if (signal.aborted) return;
    tell({ kind: "connected", connected: false });
    if (heard === "revoked") {
      tell({ kind: "end", reason: "revoked" });
      return;
    }
    await pause(Math.min(1000 * 2 ** failures, 30_000) * (0.75 + Math.random() / 2), signal);
  }
}

/** One connection, to its end; says "revoked" when another would be refused, too. */
async function once(source: Source, last: string, signal: AbortSignal, tell: (event: LiveEvent, id: string) => void): Promise<"revoked" | "ended"> {
  const over = source.authorization ? "ended" : "revoked"; // with the next token it may go on
  const quiet = new AbortController();
  const stop = () => quiet.abort();
  signal.addEventListener("abort", stop, { once: true });
  let timer = setTimeout(stop, silence);
  try {
    const headers = new Headers({ Accept: "text/event-stream" });
    if (last) headers.set("Last-Event-ID", last);
    if (source.authorization) headers.set("Authorization", await source.authorization());
    const response = await fetch(source.url, { headers, signal: quiet.signal, cache: "no-store" });
    if (response.status === 401) return over;
    if (response.status === 403) return "revoked";
    if (!response.ok || !response.body) return "ended";
    tell({ kind: "connected", connected: true }, "");
    const read = reader();
    const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await chunks.read();
      if (done) return "ended";
      clearTimeout(timer);
      timer = setTimeout(stop, silence);
      for (const { event, id, data } of read(value)) {
        const said = eventOf(event, data);
        if (said?.kind === "end") return said.reason === "revoked" ? over : "ended";
        if (said) tell(said, id);
      }
    }
  } catch {
    return "ended"; // lost, or silent for too long
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    quiet.abort();
  }
}
