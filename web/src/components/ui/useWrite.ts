import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type Problem, problemOf, useIntent } from "@/lib/client";

/** What goes with a write: headers that make tries one, and whether the effects were agreed to. */
export interface Sending {
  headers: { "Idempotency-Key": string; "If-Match"?: string };
  query: { confirm?: true };
}

/** A write by a person: sent once however often it is tried, asked about where the server asks. */
export interface Write<In> {
  run: (input: In) => void;
  busy: boolean;
  /** Why it did not happen; undefined where a dialog asks instead. */
  problem: Problem | undefined;
  /** The effects that somebody has to agree to; undefined for none. */
  question: Problem | undefined;
  agree: () => void;
  dismiss: () => void;
  /** The server has a newer version than the one that was changed. */
  stale: boolean;
}

interface Writing<In, Out> {
  send: (input: In, sending: Sending) => Promise<Out>;
  done?: (out: Out, input: In) => void;
  /** The version that was read, for If-Match. */
  version?: number;
}

/**
 * A write: const remove = useWrite({ send: (id, s) => botDelete({ path: { id }, ...s }), done }).
 * A retry is the same intent; success, another input and an agreement are new ones.
 */
export function useWrite<In, Out>({ send, done, version }: Writing<In, Out>): Write<In> {
  const intent = useIntent();
  const [last, setLast] = useState<{ input: In; text: string }>();
  const mutation = useMutation({
    mutationFn: ({ input, confirm }: { input: In; confirm: boolean }) => send(input, { headers: intent.headers(version), query: confirm ? { confirm: true } : {} }),
    onSuccess: (out, { input }) => {
      intent.renew();
      done?.(out, input);
    },
    onError: (thrown) => {
      if (!problemOf(thrown).passes) intent.renew(); // it was answered: the next try is another one
    },
  });
  const problem = mutation.error ? problemOf(mutation.error) : undefined;
  const asked = problem?.code === "confirmation-required";
  const { mutate, reset } = mutation;
  const run = useCallback(
    (input: In) => {
      const text = JSON.stringify(input) ?? "";
      if (last && last.text !== text) intent.renew();
      setLast({ input, text });
      mutate({ input, confirm: false });
    },
    [intent, last, mutate],
  );
  return {
    run,
    busy: mutation.isPending,
    problem: asked ? undefined : problem,
    question: asked ? problem : undefined,
    agree: () => last && mutate({ input: last.input, confirm: true }),
    dismiss: reset,
    stale: problem?.status === 412,
  };
}
