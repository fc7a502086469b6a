import { useLanguage, useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import type { Filter } from "../api.ts";

/** Downloads of what the filter selects, with times in the zone of the page. */
export function ExportLinks({ account, filter }: { account: string; filter: Filter }) {
  const t = useText("operationlog");
  const { zone } = useTime();
  const language = useLanguage();
  const path = account ? `/v1/accounts/${encodeURIComponent(account)}/operations/export` : "/v1/operations/export";
  const href = (more: Record<string, string>) => `${path}?${new URLSearchParams({ ...(filter as Record<string, string>), time_zone: zone, language, ...more })}`;
  return (
    <span className="b-exports">
      <a href={href({ format: "csv", bom: "true" })} download>
        {t("exportCsv")}
      </a>
      <a href={href({ format: "xlsx" })} download>
        {t("exportXlsx")}
      </a>
    </span>
  );
}
