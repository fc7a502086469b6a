import type { ReactNode } from "react";
import { Chip, Facts, Failure, Link, Loaded, SidePage, TimeAgo, TimeAt, type Tone } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Detail, type State, useComing, useResource } from "../api.ts";
import { Ladder } from "./Ladder.tsx";

const tones: Record<State, Tone> = { active: "good", will_not_renew: "warn", released: "neutral", deleted: "neutral" };

/** What a product says of its resource, and whether it has expired. */
export function StateChip({ state, expired }: { state: State; expired: boolean }) {
  const t = useText("resource");
  if (expired && state === "active") return <Chip tone="bad">{t("expired")}</Chip>;
  return <Chip tone={tones[state]}>{t(`state.${state}`)}</Chip>;
}

/** One resource, beside the list: its ends, its ladder, and who hears of it next. */
export function ResourceSide({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText("resource");
  const query = useResource(id);
  return (
    <SidePage open title={query.data?.name || query.data?.external_id || t("resource")} onClose={onClose}>
      <Loaded query={query}>{(resource) => <Opened resource={resource} />}</Loaded>
    </SidePage>
  );
}

function Opened({ resource }: { resource: Detail }) {
  const t = useText("resource");
  const ends = (at: string): ReactNode => (
    <>
      <TimeAt at={at} /> (<TimeAgo at={at} />)
    </>
  );
  return (
    <div className="b-form">
      <Facts
        items={[
          [t("stateLabel"), <StateChip key="state" state={resource.state} expired={resource.expired} />],
          [t("kind"), resource.kind],
          [t("externalId"), <code key="id">{resource.external_id}</code>],
          [t("expires"), ends(resource.expires_at)],
          [t("releases"), resource.release_at ? ends(resource.release_at) : t("never")],
        ]}
      />
      <section className="b-form">
        <h3>{t("ladder")}</h3>
        <Ladder resource={resource} />
      </section>
      <Next id={resource.id} />
    </div>
  );
}

/** The next message that tells of the resource, and whom it reaches. */
function Next({ id }: { id: string }) {
  const t = useText("resource");
  const can = useCan();
  const names = useNames();
  const query = useComing(id);
  const next = query.data?.items[0];
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!next) return null;
  const reached = next.to.filter((each) => each.reason === "");
  return (
    <section className="b-form">
      <h3>{t("nextTitle")}</h3>
      <p>
        <TimeAt at={next.at} /> {names.type(next.type)} {next.count > 1 && <span className="b-hint">{t("among", { count: next.count - 1 })}</span>}
      </p>
      <ul className="b-lines">
        {reached.map((each) => (
          <li key={`${each.channel} ${each.contact_id}${each.bot_id} ${each.address}`}>
            {names.channel(each.channel)} {each.recipient || t("accountInbox")} <bdi className="b-hint">{each.address}</bdi>
          </li>
        ))}
      </ul>
      {can("subscription.list") && <Link to={`/subscriptions/${next.type}`}>{t("changeWho")}</Link>}
    </section>
  );
}
