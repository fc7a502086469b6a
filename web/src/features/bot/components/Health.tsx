import { Chip, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Bot } from "../api.ts";

const tones: Record<Bot["health"]["state"], Tone> = { unused: "neutral", ok: "good", failing: "warn", paused: "warn", suspended: "bad" };

/** How a bot does: what was the last answer of the receiver, and why it is suspended. */
export function Health({ bot }: { bot: Bot }) {
  const t = useText("bot");
  const { state, failures, reason } = bot.health;
  if (!bot.enabled) return <Chip>{t("disabled")}</Chip>;
  return (
    <Chip tone={tones[state]}>
      {state === "failing" ? t("failedTimes", { n: failures }) : t(`health.${state}`)}
      {reason && ` · ${reason}`}
    </Chip>
  );
}
