import { Button } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { browserZone, useTime } from "@/lib/time";
import { choose, useSettings } from "../settings.ts";

/** Says once in which zone the times are, and lets one change it. */
export function Zone() {
  const t = useText("app");
  const { zone } = useTime();
  const { ownZone } = useSettings();
  return (
    <footer className="b-zone">
      {t("times", { zone })}
      {(ownZone || zone !== browserZone()) && (
        <Button type="link" size="small" onClick={() => choose({ ownZone: !ownZone })}>
          {ownZone ? t("accountZone") : t("ownZone")}
        </Button>
      )}
    </footer>
  );
}
