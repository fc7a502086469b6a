import { useEffect, useRef, useState } from "react";
import type { Message } from "../api.ts";

interface Acts {
  open: (message: Message) => void;
  select: (message: Message) => void;
  read: (message: Message) => void;
  remove: (message: Message) => void;
}

const blocked = (event: KeyboardEvent) => {
  const at = event.target;
  const typing = at instanceof HTMLElement && (at.isContentEditable || (at.tagName === "INPUT" && (at as HTMLInputElement).type !== "checkbox") || /^(TEXTAREA|SELECT)$/.test(at.tagName));
  return typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[aria-modal="true"]') !== null;
};

/** j and k move through the list; x, o, e and # do something to the row. Returns the row's index in the whole list. */
export function useListKeys(rows: Message[], before: number, on: boolean, acts: Acts): number | undefined {
  const [active, setActive] = useState<number>();
  const latest = useRef({ rows, before, active, acts });
  useEffect(() => {
    latest.current = { rows, before, active, acts };
  });
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (blocked(event)) return;
      const { rows, before, active, acts } = latest.current;
      const last = before + rows.length - 1;
      const step = { j: 1, k: -1 }[event.key];
      if (step) setActive(Math.max(before, Math.min(last, (active ?? before - (step > 0 ? 1 : 0)) + step)));
      const message = active === undefined ? undefined : rows[active - before];
      const act = ({ x: "select", o: "open", e: "read", "#": "remove" } as const)[event.key];
      if (message && act) acts[act](message);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [on]);
  return active;
}
