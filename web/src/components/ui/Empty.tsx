import type { ReactNode } from "react";

/** Why there is nothing, and the one next step. */
export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="b-empty">
      <p>{text}</p>
      {children}
    </div>
  );
}
