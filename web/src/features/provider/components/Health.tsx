import { Chip, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Provider } from "../api.ts";

const tones: Record<Provider["health"]["state"], Tone> = { unused: "neutral", ok: "good", failing: "warn", paused: "warn", suspended: "bad" };

/** How a provider does, and why it is suspended. */
export function Health({ provider }: { provider: Provider }) {
  const t = useText("provider");
  const { state, failures, reason } = provider.health;
  if (!provider.enabled) return <Chip>{t("disabled")}</Chip>;
  return (
    <Chip tone={tones[state]}>
      {state === "failing" ? t("failedTimes", { n: failures }) : t(`health.${state}`)}
      {reason && ` · ${reason}`}
    </Chip>
  );
}
