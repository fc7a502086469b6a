import { useLocation } from "@tanstack/react-router";
import { Link, TimeAt } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Entry } from "../api.ts";
import { ResultChip } from "./ResultChip.tsx";
import { useWords } from "./words.ts";

/** The columns of the log: when, who, from where, what, to what, how it ended. */
export function useColumns() {
  const t = useText("operationlog");
  const words = useWords();
  const search = useLocation().searchStr;
  return [
    { key: "time", title: t("time"), cell: (row: Entry) => <TimeAt at={row.at} /> },
    { key: "actor", title: t("actor"), cell: (row: Entry) => t("who", { name: row.actor.name || row.actor.id || "–", kind: t(`kind.${row.actor.kind}`) }) },
    { key: "ip", title: t("ip"), cell: (row: Entry) => row.ip || "–" },
    { key: "action", title: t("action"), cell: (row: Entry) => words.action(row.action) },
    { key: "object", title: t("object"), cell: (row: Entry) => row.object.name || (row.object.id === "*" ? words.kind(row.object.kind) : row.object.id) || "–" },
    { key: "result", title: t("resultLabel"), cell: (row: Entry) => <ResultChip result={row.result} /> },
    {
      key: "details",
      title: "",
      cell: (row: Entry) => (
        <Link to={`/operations/${row.seq}${search}`} aria-label={`${t("details")} ${row.seq}`}>
          {t("details")}
        </Link>
      ),
    },
  ];
}
