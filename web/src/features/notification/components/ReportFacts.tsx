import { Copy, Facts, Link, TimeAt } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import type { Report } from "../api.ts";

/** Who submitted it, when, until when, and by what it is known elsewhere. */
export function ReportFacts({ report }: { report: Report }) {
  const t = useText("notification");
  const time = useTime();
  return (
    <Facts
      items={[
        [t("notification"), <span key="id"><code>{report.id}</code> <Copy text={report.id} label={t("copyId")} /></span>],
        [t("sourceLabel"), report.source === "product" && report.product_id ? `${t("source.product")} ${report.product_name || report.product_id}` : t(`source.${report.source}`)],
        [t("severityLabel"), t(`severity.${report.severity}`)],
        [t("created"), <TimeAt key="created" at={report.created_at} />],
        [t("due"), report.schedule_at && <TimeAt at={report.schedule_at} />],
        [t("deadline"), <TimeAt key="deadline" at={report.expires_at} />],
        [t("finished"), report.finished_at && <TimeAt at={report.finished_at} />],
        [t("cancelled"), report.cancelled_at && <TimeAt at={report.cancelled_at} />],
        [t("externalId"), report.external_id],
        [t("dedup"), report.count > 1 && t("dedupValue", { count: report.count, time: time.full(report.last_seen_at) })],
        [t("mergedWith"), report.merged_with.length > 0 && <Others ids={report.merged_with} />],
      ]}
    />
  );
}

function Others({ ids }: { ids: string[] }) {
  return (
    <ul>
      {ids.map((id) => (
        <li key={id}>
          <Link to={`/notifications/${id}`}>{id}</Link>
        </li>
      ))}
    </ul>
  );
}
