import { Page as Frame } from "@/components/ui";
import { Brand } from "@/features/health/components/Parts.tsx";
import { PositionForm } from "@/features/position/components/PositionForm.tsx";
import { RetentionForm } from "@/features/retention/components/RetentionForm.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { Panel } from "./Panel.tsx";

/** What holds for the whole platform. */
export function Page() {
  const t = useText("app");
  const retention = useText("retention");
  const position = useText("position");
  const health = useText("health");
  const can = useCan();
  return (
    <Frame title={t("menu.platformSettings")}>
      <Panel title={retention("title")}>
        <RetentionForm />
      </Panel>
      {can("position.list") && (
        <Panel title={position("title")}>
          <PositionForm />
        </Panel>
      )}
      <Panel title={health("brandTitle")}>
        <Brand />
      </Panel>
    </Frame>
  );
}
