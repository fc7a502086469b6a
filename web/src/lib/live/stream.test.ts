import { afterEach, expect, test, vi } from "vitest";
import type { LiveEvent } from "./events.ts";
import { follow } from "./stream.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A server that refuses the first connection, and counts on the second. */
function serve() {
  const sent: (string | null)[] = [];
  vi.stubGlobal("fetch", (_: string, { headers }: { headers: Headers }) => {
    sent.push(headers.get("Authorization"));
    const text = 'event: counts\nid: 1\ndata: {"unread":3,"revision":5}\n\n';
    return Promise.resolve(sent.length === 1 ? new Response(null, { status: 401 }) : new Response(text));
  });
  return sent;
}

test("a token that ended is asked for again, and the stream goes on", async () => {
  vi.useFakeTimers();
  const sent = serve();
  const said: LiveEvent[] = [];
  const end = new AbortController();
  let asked = 0;
  const done = follow({ url: "/events", authorization: () => Promise.resolve(`Bearer ${++asked}`) }, (event) => said.push(event) && event.kind === "counts" && end.abort(), end.signal);
  await vi.runAllTimersAsync();
  await done;
  expect(sent).toEqual(["Bearer 1", "Bearer 2"]);
  expect(said).toContainEqual({ kind: "counts", unread: 3, revision: 5 });
});

test("without a token a refusal is final", async () => {
  const sent = serve();
  const said: LiveEvent[] = [];
  await follow({ url: "/events" }, (event) => said.push(event), new AbortController().signal);
  expect(sent).toHaveLength(1);
  expect(said).toContainEqual({ kind: "end", reason: "revoked" });
});
