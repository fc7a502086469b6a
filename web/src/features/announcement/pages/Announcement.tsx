import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Dialog, Facts, Failure, Link, Loaded, Page as Frame, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Detail, goesOn, type Move, useAnnouncement, useMoveAnnouncement } from "../api.ts";
import { AudienceFacts } from "../components/AudienceFacts.tsx";
import { Progress } from "../components/Progress.tsx";
import { StateChip } from "../components/StateChip.tsx";

/** One announcement: how far it is, and what can be done about it. */
export function Page() {
  const t = useText("announcement");
  const names = useNames();
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useAnnouncement(id);
  return (
    <Frame title={query.data ? names.type(query.data.type) : t("title")} tools={<Link to="/platform/announcements">{t("title")}</Link>}>
      <Loaded query={query}>{(of) => <Opened of={of} />}</Loaded>
    </Frame>
  );
}

function Opened({ of }: { of: Detail }) {
  const t = useText("announcement");
  const can = useCan();
  const at = (when: string | null) => when && <TimeAt key={when} at={when} />;
  const reason = of.reason && t(`reasons.${of.reason}` as "reasons.type_disabled", { defaultValue: of.reason });
  return (
    <>
      <section className="b-sheet b-form" aria-label={t("progress")}>
        <div className="b-inline">
          <StateChip state={of.state} /> {reason}
        </div>
        <Progress of={of} />
        <Moves of={of} />
      </section>
      <section className="b-sheet b-form" aria-labelledby="announcement-audience">
        <h2 id="announcement-audience">{t("audience")}</h2>
        <AudienceFacts audience={of.audience} />
      </section>
      <section className="b-sheet b-form" aria-labelledby="announcement-values">
        <h2 id="announcement-values">{t("variables")}</h2>
        <Facts
          items={[
            [t("type"), can("message_type.get") ? <Link key="type" to={`/platform/message-types/${of.type}`}>{of.type}</Link> : of.type],
            ...Object.entries(of.variables).map(([name, value]) => [name, value] as const),
            [t("link"), of.link],
            [t("severity"), t(`severities.${of.severity}`)],
            [t("schedule_at"), at(of.schedule_at)],
            [t("expires_at"), at(of.expires_at)],
            [t("by"), of.product_id ? t("byProduct", { id: of.product_id }) : t("byOperator")],
            [t("external_id"), of.external_id],
            [t("created"), at(of.created_at)],
            [t("id"), <code key="id">{of.id}</code>],
          ]}
        />
        {can("notification.list") && <Link to={`/notifications?type=${of.type}`}>{t("trace")}</Link>}
      </section>
    </>
  );
}

/** Pause, resume, cancel: what fits the state. */
function Moves({ of }: { of: Detail }) {
  const t = useText("announcement");
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const move = useMoveAnnouncement(of.id, () => setAsking(false));
  const fits: Record<Move, boolean> = { pause: of.state === "running" || of.state === "scheduled", resume: of.state === "paused", cancel: goesOn(of.state) };
  const may = (which: Move) => fits[which] && can(`announcement.${which}`);
  return (
    <>
      {move.problem && <Failure error={move.problem} />}
      <div className="b-form-buttons">
        {may("pause") && <Button loading={move.busy} onClick={() => move.run("pause")}>{t("pause")}</Button>}
        {may("resume") && <Button type="primary" loading={move.busy} onClick={() => move.run("resume")}>{t("resume")}</Button>}
        {may("cancel") && <Button danger onClick={() => setAsking(true)}>{t("cancel")}</Button>}
      </div>
      <Dialog open={asking} title={t("cancelTitle")} action={t("cancel")} danger busy={move.busy} onAction={() => move.run("cancel")} onCancel={() => setAsking(false)}>
        {t("cancelEffect")}
      </Dialog>
    </>
  );
}
