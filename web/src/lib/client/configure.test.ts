import { afterEach, expect, test, vi } from "vitest";
import { send } from "./configure.ts";
import { Problem } from "./problem.ts";
import { onSignedOut } from "./session.ts";

afterEach(() => vi.unstubAllGlobals());

const url = "http://belfry.test/v1/bots";

function answers(...list: (Response | Error)[]) {
  const seen: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    seen.push(request);
    const next = list.shift() ?? new Error("asked too often");
    if (next instanceof Error) throw next;
    return next;
  });
  return seen;
}

const problem = (status: number, type: string, headers = {}) =>
  new Response(JSON.stringify({ type: `/problems/${type}`, title: "t", status, instance: "/v1/bots", request_id: "r1", errors: [{ pointer: "#/name", code: "required", detail: "d" }] }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });

test("a failure is a Problem with what is wrong where", async () => {
  answers(problem(422, "validation-failed", { "Retry-After": "7" }));
  const thrown = await send(url, { method: "POST", body: "{}" }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Problem);
  expect(thrown).toMatchObject({ code: "validation-failed", status: 422, requestId: "r1", retryAfter: 7, errors: [{ pointer: "#/name", code: "required" }] });
});

test("nobody there is a Problem that may pass", async () => {
  answers(new TypeError("network"));
  const thrown = await send(url).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: "offline", passes: true });
});

test("every write has a key, reading has none", async () => {
  const seen = answers(new Response("{}"), new Response("{}"));
  await send(url, { method: "POST", body: "{}" });
  await send(url);
  expect(seen[0]?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f]{32}$/);
  expect(seen[1]?.headers.has("Idempotency-Key")).toBe(false);
});

test("after a session ended, the same request goes out again once somebody signed in", async () => {
  const seen = answers(problem(401, "unauthenticated"), new Response('{"ok":true}'));
  let asked = 0;
  const back = onSignedOut(async () => void asked++);
  const response = await send(url, { method: "POST", body: '{"name":"x"}' });
  back();
  expect(asked).toBe(1);
  expect(await response.json()).toEqual({ ok: true });
  expect(await seen[1]?.text()).toBe('{"name":"x"}');
  expect(seen[1]?.headers.get("Idempotency-Key")).toBe(seen[0]?.headers.get("Idempotency-Key"));
});
