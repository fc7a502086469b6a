import { Chip, type IconName, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { State } from "../api.ts";

const looks: Record<State, { tone: Tone; icon?: IconName }> = {
  scheduled: { tone: "info", icon: "clock" },
  running: { tone: "info", icon: "right" },
  paused: { tone: "warn" },
  done: { tone: "good" },
  cancelled: { tone: "neutral" },
  expired: { tone: "warn", icon: "clock" },
};

/** How an announcement stands. */
export function StateChip({ state }: { state: State }) {
  const t = useText("announcement");
  return <Chip {...looks[state]}>{t(`states.${state}`)}</Chip>;
}
