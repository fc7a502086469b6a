import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";

/** Keeps what was typed: leaving the page while dirty asks first. Nothing is stored. */
export function useDraft(dirty: boolean, question: string): void {
  useBlocker({ shouldBlockFn: () => dirty && !window.confirm(question), disabled: !dirty, enableBeforeUnload: false });
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);
}
