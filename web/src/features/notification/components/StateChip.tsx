import { Chip, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Delivery, Status } from "../api.ts";

const ofStatus: Record<Status, Tone> = { cancelled: "neutral", delivered: "good", expired: "warn", failed: "bad", partial: "warn", pending: "info", scheduled: "info" };
const ofState: Record<Delivery["state"], Tone> = { accepted: "info", cancelled: "neutral", delivered: "good", failed: "bad", pending: "info", suppressed: "neutral" };
const waits = (state: string) => (state === "pending" || state === "scheduled" || state === "accepted" ? { icon: "clock" as const } : {});

/** How a notification stands. */
export function StatusChip({ status }: { status: Status }) {
  const t = useText("notification");
  return (
    <Chip tone={ofStatus[status]} {...waits(status)}>
      {t(`status.${status}`)}
    </Chip>
  );
}

/** How a delivery stands. */
export function StateChip({ state }: { state: Delivery["state"] }) {
  const t = useText("notification");
  return (
    <Chip tone={ofState[state]} {...waits(state)}>
      {t(`state.${state}`)}
    </Chip>
  );
}
