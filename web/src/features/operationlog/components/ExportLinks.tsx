import { useId, useState } from "react";
import { useLanguage, useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import type { Entry, Filter } from "../api.ts";
import { columns, exportQuery, shownRange } from "./exports.ts";

/** Downloads: which rows and columns stand beside the links, times are in the zone of the page. */
export function ExportLinks({ account, filter, shown }: { account: string; filter: Filter; shown: readonly Entry[] }) {
  const t = useText("operationlog");
  const id = useId();
  const { zone } = useTime();
  const language = useLanguage();
  const [every, setEvery] = useState(true);
  const [chosen, setChosen] = useState<readonly string[]>(columns);
  const path = account ? `/v1/accounts/${encodeURIComponent(account)}/operations/export` : "/v1/operations/export";
  const rows = every ? filter : { ...filter, ...shownRange(shown) };
  const href = (format: "csv" | "xlsx") => `${path}?${exportQuery(rows, chosen, { format, zone, language })}`;
  const toggle = (column: string, on: boolean) => setChosen(columns.filter((each) => (each === column ? on : chosen.includes(each))));
  return (
    <details className="b-export">
      <summary>{t("export")}</summary>
      <div className="b-form">
        <fieldset className="b-fieldset">
          <legend>{t("exportRows")}</legend>
          <div className="b-boxes">
            {[true, false].map((all) => (
              <label key={String(all)} htmlFor={`${id}${all}`}>
                <input id={`${id}${all}`} type="radio" name={id} checked={every === all} disabled={!all && shown.length === 0} onChange={() => setEvery(all)} /> {all ? t("exportEvery") : t("exportShown", { count: shown.length })}
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset className="b-fieldset">
          <legend>{t("exportColumns")}</legend>
          <div className="b-boxes">
            {columns.map((column) => (
              <label key={column} htmlFor={id + column}>
                <input id={id + column} type="checkbox" checked={chosen.includes(column)} onChange={(event) => toggle(column, event.target.checked)} /> {t(`column.${column}`)}
              </label>
            ))}
          </div>
        </fieldset>
        <p className="b-hint">{t("exportZone", { zone })}</p>
        {chosen.length === 0 ? (
          <p className="b-fault">{t("exportNoColumn")}</p>
        ) : (
          <span className="b-exports">
            <a href={href("csv")} download>
              {t("exportCsv")}
            </a>
            <a href={href("xlsx")} download>
              {t("exportXlsx")}
            </a>
          </span>
        )}
      </div>
    </details>
  );
}
