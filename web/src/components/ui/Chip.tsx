import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon.tsx";

export type Tone = "neutral" | "good" | "bad" | "warn" | "info";

const icons: Record<Tone, IconName> = { neutral: "minus", good: "check", bad: "cross", warn: "warning", info: "info" };

/** A state as icon and word, readable without colours. */
export function Chip({ tone = "neutral", icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className={`b-chip b-chip-${tone}`}>
      <Icon name={icon ?? icons[tone]} />
      <span>{children}</span>
    </span>
  );
}
