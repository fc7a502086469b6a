import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactElement, ReactNode } from "react";
import { expect, test } from "vitest";
import { Problem } from "@/lib/client";
import type { Conflict } from "./Conflict.tsx";
import { useEdit } from "./useEdit.tsx";

interface Thing {
  version: number;
  name: string;
  zone: string;
}

type Values = Omit<Thing, "version">;

/** A server that keeps one thing, and an edit of it as it was read at first. */
function open() {
  const server = { thing: { version: 1, name: "a", zone: "x" }, sent: [] as { change: Partial<Values>; version: string | undefined }[] };
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
  const hook = renderHook(
    ({ current }) =>
      useEdit<Values, Thing>({
        current,
        values: ({ name, zone }) => ({ name, zone }),
        send: (change, { headers }) => {
          server.sent.push({ change, version: headers["If-Match"] });
          if (headers["If-Match"] !== `"${server.thing.version}"`) return Promise.reject(new Problem({ status: 412, code: "stale-version" }));
          server.thing = { ...server.thing, ...change, version: server.thing.version + 1 };
          return Promise.resolve();
        },
        read: () => Promise.resolve(server.thing),
        done: () => undefined,
      }),
    { initialProps: { current: server.thing }, wrapper },
  );
  const question = () => (hook.result.current.conflict as ReactElement<Parameters<typeof Conflict<Values>>[0]> | undefined)?.props;
  const save = (change: Partial<Values>) => {
    act(() => hook.result.current.form.set(change));
    act(() => hook.result.current.form.write.run(hook.result.current.form.values));
  };
  const elsewhere = (zone: string) => (server.thing = { ...server.thing, zone, version: server.thing.version + 1 });
  return { server, hook, question, save, elsewhere };
}

test("what was changed here goes on top of what was changed elsewhere, however often that happens", async () => {
  const { server, question, save, elsewhere } = open();
  elsewhere("y");
  save({ name: "b" });
  await waitFor(() => expect(question()?.theirs.zone).toBe("y"));
  elsewhere("z");
  act(() => question()?.onApplyMine());
  await waitFor(() => expect(question()?.theirs.zone).toBe("z"));
  act(() => question()?.onApplyMine());
  await waitFor(() => expect(server.thing.name).toBe("b"));
  expect(server.thing.zone).toBe("z");
});

test("closing the question keeps what was typed, and saving asks again", async () => {
  const { hook, question, save, elsewhere } = open();
  elsewhere("y");
  save({ name: "b" });
  await waitFor(() => expect(question()).toBeDefined());
  act(() => question()?.onLater());
  expect(question()).toBeUndefined();
  expect(hook.result.current.form.values.name).toBe("b");
  save({});
  await waitFor(() => expect(question()?.theirs.zone).toBe("y"));
});

test("a form that stays open after saving saves again without meeting itself", async () => {
  const { server, hook, question, save } = open();
  save({ name: "b" });
  await waitFor(() => expect(server.thing.version).toBe(2));
  hook.rerender({ current: server.thing });
  save({ name: "c" });
  await waitFor(() => expect(server.thing.name).toBe("c"));
  expect(question()).toBeUndefined();
});
