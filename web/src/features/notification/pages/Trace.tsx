import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Dialog, Empty, Failure, Icon, Link, Loaded, Page as Frame, useNotify } from "@/components/ui";
import { useCan, useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { open, type Report, useCancel, useReport, useResend } from "../api.ts";
import { DeliveryItem } from "../components/DeliveryItem.tsx";
import { Explain } from "../components/Explain.tsx";
import { ReasonWords } from "../components/Reason.tsx";
import { ReportFacts } from "../components/ReportFacts.tsx";
import { StatusChip } from "../components/StateChip.tsx";
import { grouped, unrepeated } from "../components/trace.ts";
import "../notification.css";

/** What became of a notification: whom it was for, over what, why it did not arrive, what to do. */
export function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText("notification");
  const names = useNames();
  const query = useReport(id);
  return (
    <Frame title={query.data ? names.type(query.data.type) : t("notification")} tools={query.data && <StatusChip status={query.data.status} />}>
      <p>
        <Link to="/notifications">
          <Icon name="left" /> {t("title")}
        </Link>
      </p>
      <Loaded query={query}>{(report) => <Trace report={report} />}</Loaded>
    </Frame>
  );
}

const tallies = ["failed", "pending", "suppressed", "cancelled", "accepted", "delivered"] as const;

function Trace({ report }: { report: Report }) {
  const t = useText("notification");
  const can = useCan();
  const groups = grouped(report.deliveries.filter((each) => each.channel !== "inbox"));
  const inbox = report.deliveries.filter((each) => each.channel === "inbox");
  return (
    <>
      <section className="b-panel" aria-label={t("facts")}>
        <ReportFacts report={report} />
        {report.reason && (
          <p>
            {t("internalReason")}: <ReasonWords reason={report.reason} />
          </p>
        )}
      </section>
      <section className="b-panel" aria-label={t("trace")}>
        <p className="b-tally" role="status">
          {tallies.filter((each) => report.counts[each] > 0).map((each) => (
            <span key={each} className={`b-tally-${each}`}>{t(`count.${each}`, { n: report.counts[each] })}</span>
          ))}
        </p>
        <Actions report={report} />
        {groups.map((group) => (
          <section key={group.key} className="b-recipient">
            <h2>{group.recipient || group.key}</h2>
            {group.deliveries.map((each) => <DeliveryItem key={each.id} delivery={each} type={report.type} />)}
          </section>
        ))}
        {inbox.map((each) => <DeliveryItem key={each.id} delivery={each} type={report.type} />)}
        {report.inbox.message_id && can("message.get") && (
          <p>
            <Link to={`/inbox/${report.inbox.message_id}`}>{t("openMessage")}</Link>
          </p>
        )}
        {report.deliveries.length === 0 && <Empty text={t("noRecipients")} />}
      </section>
    </>
  );
}

/** What may be done about it: once more, no more, or asking how it would go now. */
function Actions({ report }: { report: Report }) {
  const t = useText("notification");
  const can = useCan();
  const profile = useProfile();
  const notify = useNotify();
  const [asking, setAsking] = useState<"cancel" | "resend" | "explain">();
  const close = () => setAsking(undefined);
  const cancel = useCancel(close);
  const resend = useResend((count) => (close(), notify.done(t("resent", { count }))));
  const failed = unrepeated(report.deliveries).length;
  const mayResend = can("notification.resend") && failed > 0 && report.source !== "invitation" && !report.cancelled_at;
  const mayCancel = can("notification.cancel") && open(report.status) && !report.cancelled_at;
  return (
    <div className="b-form-buttons">
      {mayResend && <Button type="primary" onClick={() => setAsking("resend")}>{t("resend", { n: failed })}</Button>}
      {mayCancel && <Button danger onClick={() => setAsking("cancel")}>{t("cancel")}</Button>}
      {can("notification.explain") && <Button onClick={() => setAsking("explain")}>{t("explain")}</Button>}
      <Dialog open={asking === "resend"} title={t("resendTitle", { n: failed })} action={t("resend", { n: failed })} busy={resend.busy} onAction={() => resend.run(report.id)} onCancel={close}>
        {t("resendEffect")}
        {resend.problem && <Failure error={resend.problem} />}
      </Dialog>
      <Dialog open={asking === "cancel"} title={t("cancelTitle")} action={t("cancel")} danger busy={cancel.busy} onAction={() => cancel.run(report.id)} onCancel={close}>
        {t("cancelEffect")}
        {cancel.problem && <Failure error={cancel.problem} />}
      </Dialog>
      <Explain report={report} own={profile.account.id === report.account_id} open={asking === "explain"} onClose={close} />
    </div>
  );
}
