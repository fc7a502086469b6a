import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Fault, Problem } from "@/lib/client";
import { useText } from "@/lib/i18n";
import { Alert, Button } from "./antd.ts";
import { Failure } from "./Failure.tsx";
import { type Sending, useWrite, type Write } from "./useWrite.ts";

/** The state of a form: values, what the server says about each, and how sending stands. */
export interface FormState<V> {
  values: V;
  set: (change: Partial<V>) => void;
  dirty: boolean;
  reset: (values?: V) => void;
  faults: readonly Fault[];
  write: Write<V>;
  /** The prefix of the ids of inputs. */
  id: string;
}

/**
 * A form: const form = useForm({ initial: { name: "" }, send: (body, s) => botCreate({ body, ...s }), done }).
 * The server validates; its pointers lead to the inputs.
 */
export function useForm<V extends object, Out>(options: {
  initial: V;
  send: (values: V, sending: Sending) => Promise<Out>;
  done?: (out: Out, values: V) => void;
  version?: number;
}): FormState<V> {
  const [initial, setInitial] = useState(options.initial);
  const [values, setValues] = useState(options.initial);
  const id = useId();
  const write = useWrite<V, Out>({
    send: options.send,
    version: options.version,
    done: (out, sent) => {
      setInitial(sent);
      options.done?.(out, sent);
    },
  });
  return {
    values,
    set: (change) => setValues((now) => ({ ...now, ...change })),
    dirty: JSON.stringify(values) !== JSON.stringify(initial),
    reset: (next = initial) => {
      setInitial(next);
      setValues(next);
      write.dismiss();
    },
    faults: write.problem?.errors ?? [],
    write,
    id,
  };
}

/** What an input gets to belong to its label and its error. */
export interface Control {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
  status?: "error";
  disabled?: boolean;
}

const inputID = (form: string, pointer: string) => `${form}${pointer.replace(/[^a-zA-Z0-9]/g, "-")}`;

/** The words for a fault: ours by its code, else the server's. */
export function useFaultText(): (fault: Fault) => string {
  const t = useText("ui");
  return (fault) => t(`fault.${fault.code}` as "fault.required", { defaultValue: fault.detail });
}

/** A labelled input. pointer is where the value stands in the request: "#/name". */
export function Field<V>({ form, pointer, label, hint, required, children }: {
  form: FormState<V>;
  pointer: string;
  label: string;
  hint?: ReactNode;
  required?: boolean;
  children: (control: Control) => ReactNode;
}) {
  const text = useFaultText();
  const faults = form.faults.filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
  const id = inputID(form.id, pointer);
  const described = [hint && `${id}-hint`, faults.length > 0 && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div className="b-field">
      <label htmlFor={id}>
        {label}
        {required && <span aria-hidden="true" className="b-required" />}
      </label>
      {children({
        id,
        ...(described && { "aria-describedby": described }),
        ...(faults.length > 0 && { "aria-invalid": true, status: "error" }),
        ...(required && { "aria-required": true }),
      })}
      {hint && (
        <div id={`${id}-hint`} className="b-hint">
          {hint}
        </div>
      )}
      {faults.length > 0 && (
        <div id={`${id}-fault`} className="b-fault">
          {faults.map((fault) => text(fault)).join(" ")}
        </div>
      )}
    </div>
  );
}

/** The frame of a form: the problem that belongs to no input at the top, the buttons below. */
export function Form<V extends object>({ form, action, children, onCancel, disabled }: {
  form: FormState<V>;
  action: string;
  children: ReactNode;
  onCancel?: () => void;
  disabled?: boolean;
}) {
  const t = useText("ui");
  const frame = useRef<HTMLFormElement>(null);
  useFocusOnFault(frame, form.write.problem);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    form.write.run(form.values);
  };
  return (
    <form ref={frame} className="b-form" onSubmit={submit} noValidate>
      <General form={form} frame={frame} />
      {children}
      <div className="b-form-buttons">
        <Button type="primary" htmlType="submit" loading={form.write.busy} disabled={disabled}>
          {action}
        </Button>
        {onCancel && <Button onClick={onCancel}>{t("cancel")}</Button>}
      </div>
    </form>
  );
}

/** What is wrong beside the inputs. */
function General<V>({ form, frame }: { form: FormState<V>; frame: { current: HTMLFormElement | null } }) {
  const text = useFaultText();
  const [loose, setLoose] = useState<readonly Fault[]>([]);
  const { problem } = form.write;
  useEffect(() => {
    setLoose((problem?.errors ?? []).filter((fault) => !inputOf(frame.current, form.id, fault.pointer)));
  }, [problem, form.id, frame]);
  if (!problem) return null;
  if (problem.code !== "validation-failed") return <Failure error={problem} />;
  if (loose.length === 0) return null;
  return <Alert type="error" showIcon title={loose.map((fault) => `${fault.pointer}: ${text(fault)}`).join(" ")} />;
}

/** The input that shows what is at the pointer, or at what is around it. */
function inputOf(frame: HTMLElement | null, form: string, pointer: string): HTMLElement | null {
  for (let at = pointer; at.length > 1; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = frame?.querySelector<HTMLElement>(`#${CSS.escape(inputID(form, at))}`);
    if (found) return found;
    if (!at.includes("/")) return null;
  }
  return null;
}

/** Moves the focus to the first input that is wrong. */
function useFocusOnFault(frame: { current: HTMLFormElement | null }, problem: Problem | undefined) {
  useEffect(() => {
    if (problem?.errors.length) frame.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem, frame]);
}
