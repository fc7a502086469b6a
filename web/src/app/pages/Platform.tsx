import { Chip, Empty, Link, Loaded, Page as Frame } from "@/components/ui";
import { AnnouncementList } from "@/features/announcement/components/AnnouncementList.tsx";
import { Flow } from "@/features/health/components/Flow.tsx";
import { Parts } from "@/features/health/components/Parts.tsx";
import { useProviders } from "@/features/provider/api.ts";
import { Health } from "@/features/provider/components/Health.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { Panel } from "./Panel.tsx";

/** How the platform does, at a glance. */
export function Page() {
  const t = useText("health");
  const of = useText("announcement");
  const can = useCan();
  return (
    <Frame title={t("title")}>
      <Panel title={t("partsTitle")}>
        <Parts />
      </Panel>
      {can("health.get") && (
        <Panel title={t("flowTitle")}>
          <Flow />
        </Panel>
      )}
      {can("provider.list") && (
        <Panel title={t("providersTitle")}>
          <Providers />
        </Panel>
      )}
      {can("announcement.list") && (
        <Panel title={of("underWay")}>
          <AnnouncementList filter={{ state: "running" }} empty={<p>{of("underWayNone")}</p>} />
          <Link to="/platform/announcements">{of("title")}</Link>
        </Panel>
      )}
    </Frame>
  );
}

/** Every provider with its channel; what needs somebody stands first. */
function Providers() {
  const t = useText("health");
  const names = useNames();
  const rank = { suspended: 0, failing: 1, paused: 2, unused: 3, ok: 3 } as const;
  return (
    <Loaded query={useProviders()}>
      {(providers) => (
        <>
          {providers.length === 0 && (
            <Empty text={t("providersNone")}>
              <Link to="/platform/channels">{t("providersTitle")}</Link>
            </Empty>
          )}
          <ul className="b-lines">
            {providers
              .toSorted((a, b) => rank[a.health.state] - rank[b.health.state])
              .map((each) => (
                <li key={each.id} className="b-inline">
                  <Link to={`/platform/channels/${each.id}`}>{each.name}</Link>
                  <Chip>{names.channel(each.channel)}</Chip>
                  <Health provider={each} />
                </li>
              ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}
