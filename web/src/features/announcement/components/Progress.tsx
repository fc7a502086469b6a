import { Facts, TimeAt } from "@/components/ui";
import { useText } from "@/lib/i18n";
import "../announcement.css";
import type { Announcement } from "../api.ts";

/** How many accounts have it, how many are left, and how fast it goes. */
export function Progress({ of }: { of: Announcement }) {
  const t = useText("announcement");
  const { total, accepted, disabled, refused, left, accounts_per_minute, done_at } = of.progress;
  return (
    <>
      <progress className="b-progress" max={Math.max(total, 1)} value={total - left} aria-label={t("progress")} />
      <Facts
        items={[
          [t("total"), String(total)],
          [t("accepted"), String(accepted)],
          [t("disabled"), disabled > 0 && String(disabled)],
          [t("refused"), refused > 0 && String(refused)],
          [t("left"), String(left)],
          [t("speed"), accounts_per_minute > 0 && t("perMinute", { n: Math.round(accounts_per_minute * 10) / 10 })],
          [t("speedLimit"), of.accounts_per_minute > 0 && String(of.accounts_per_minute)],
          [t("doneAt"), of.state === "running" && done_at && <TimeAt key="done" at={done_at} />],
          [t("started"), of.started_at && <TimeAt key="began" at={of.started_at} />],
          [t("finished"), of.finished_at && <TimeAt key="end" at={of.finished_at} />],
        ]}
      />
    </>
  );
}
