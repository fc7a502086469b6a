import { type ReactNode, useEffect, useRef, useState } from "react";
import { type FormState, useForm } from "./Form.tsx";
import { Conflict } from "./Conflict.tsx";
import type { Sending } from "./useWrite.ts";

/** The values that differ from those before: what an edit sends. */
export function changed<V extends object>(before: V, after: V): Partial<V> {
  const differ = Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof V]));
  return Object.fromEntries(differ) as Partial<V>;
}

interface Editing<V, T> {
  /** What is there, as it was read, and how it stands in the form. */
  current: T;
  values: (of: T) => V;
  /** Sends what changed; all is what the form holds. */
  send: (change: Partial<V>, sending: Sending, all: V) => Promise<unknown>;
  /** Reads it again, when somebody else was faster. */
  read: () => Promise<T>;
  done: () => void;
  name?: (field: string) => string;
}

/**
 * A form that edits what is there: it sends what changed only, under the version that was
 * read. Where somebody else changed it meanwhile, conflict shows all three versions.
 */
export function useEdit<V extends object, T extends { version: number }>({ current, values, send, read, done, name }: Editing<V, T>): { form: FormState<V>; conflict: ReactNode } {
  const base = useRef({ version: current.version, values: values(current) });
  const [theirs, setTheirs] = useState<T>();
  const form = useForm<V, unknown>({
    initial: base.current.values,
    send: (wanted, sending) => send(changed(base.current.values, wanted), { ...sending, headers: { ...sending.headers, "If-Match": `"${base.current.version}"` } }, wanted),
    done,
  });
  const refused = form.write.stale ? form.write.problem : undefined; // each refusal, not whether there is one: two can follow each other within one rendering
  const reread = useRef(read);
  useEffect(() => {
    if (refused) reread.current().then(setTheirs, () => undefined); // the form shows the refusal; saving asks again
  }, [refused]);
  const rebase = (on: T) => {
    base.current = { version: on.version, values: values(on) };
    setTheirs(undefined);
  };
  useEffect(() => {
    if (form.dirty || form.write.busy || current.version <= base.current.version) return;
    rebase(current); // saved here, or changed elsewhere while nothing was typed
    form.reset(values(current));
  });
  const conflict = theirs && (
    <Conflict
      open
      before={base.current.values}
      theirs={values(theirs)}
      yours={form.values}
      name={name}
      onLater={() => setTheirs(undefined)}
      onTakeTheirs={() => {
        rebase(theirs);
        form.reset(values(theirs));
      }}
      onApplyMine={() => {
        const merged = { ...values(theirs), ...changed(base.current.values, form.values) };
        rebase(theirs);
        form.set(merged);
        form.write.run(merged);
      }}
    />
  );
  return { form, conflict };
}
