import { operationList } from "@api/sdk.gen";
import type { OperationView, PageOfOperationView } from "@api/types.gen";
import { useText } from "@/lib/i18n";
import { useWindow } from "@/lib/window";
import { Chip } from "./Chip.tsx";
import { Empty } from "./Empty.tsx";
import { Link } from "./Link.tsx";
import { MoreList } from "./MoreList.tsx";
import { TimeAt } from "./TimeAgo.tsx";

const tones = { succeeded: "good", denied: "bad", refused: "warn" } as const;

/** Who did what to one object, newest first. Show it to those who may operation.list. */
export function ObjectLog({ id }: { id: string }) {
  const t = useText("ui");
  const list = useWindow<OperationView, PageOfOperationView>(["operation", "list", { object_id: id }], async (cursor, signal) => (await operationList({ query: { object_id: id, limit: 20, ...(cursor && { cursor }) }, signal })).data);
  return (
    <MoreList
      list={list}
      label={t("log.title")}
      id={(row) => String(row.seq)}
      empty={<Empty text={t("log.empty")} />}
      columns={[
        { key: "at", title: t("log.at"), cell: (row) => <TimeAt at={row.at} /> },
        { key: "actor", title: t("log.actor"), cell: (row) => row.actor.name || row.actor.id },
        { key: "action", title: t("log.action"), cell: (row) => <Link to={`/operations/${row.seq}`}>{row.action}</Link> },
        { key: "result", title: t("log.result"), cell: (row) => <Chip tone={tones[row.result]}>{t(`log.${row.result}`)}</Chip> },
      ]}
    />
  );
}
