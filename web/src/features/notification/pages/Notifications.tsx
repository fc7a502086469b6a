import { useMemo } from "react";
import { anyText, Button, ChoiceFilter, day, DaysFilter, Empty, FilterBar, Link, MoreList, Page as Frame, SearchFilter, TimeAt, useFilters, word } from "@/components/ui";
import { useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { dayRange, useTime } from "@/lib/time";
import { type Filter, type Notification, type Status, useNotifications } from "../api.ts";
import { StatusChip } from "../components/StateChip.tsx";

const statuses: readonly Status[] = ["scheduled", "pending", "delivered", "partial", "failed", "cancelled", "expired"];
const schema = { status: statuses, type: word, from: day, to: day, external_id: anyText };

/** What was sent, newest first. */
export function Page() {
  const t = useText("notification");
  const names = useNames();
  const { zone } = useTime();
  const of = useFilters(schema);
  const { status, type, from, to, external_id } = of.filters;
  const filter = useMemo<Filter>(
    () => ({ ...(status && { status: status as Status }), ...(type && { type }), ...(external_id && { external_id }), ...dayRange(from ?? "", to ?? "", zone) }),
    [status, type, external_id, from, to, zone],
  );
  const list = useNotifications(filter);
  return (
    <Frame title={t("title")}>
      <FilterBar any={of.any} onClear={of.clear}>
        <ChoiceFilter label={t("all")} value={status} options={statuses.map((value) => ({ value, label: t(`status.${value}`) }))} onChange={(value) => of.set({ status: value })} />
        <ChoiceFilter label={t("anyType")} value={type} options={names.types.map(({ key }) => ({ value: key, label: names.type(key) }))} onChange={(value) => of.set({ type: value })} />
        <DaysFilter from={from} to={to} onChange={of.set} />
        <SearchFilter label={t("externalId")} value={external_id} onChange={(value) => of.set({ external_id: value })} />
      </FilterBar>
      <MoreList list={list} label={t("list")} columns={useColumns(list.rows)} id={(row) => row.id} empty={<Nothing any={of.any} clear={of.clear} />} />
    </Frame>
  );
}

function useColumns(rows: Notification[]) {
  const t = useText("notification");
  const names = useNames();
  const mine = useProfile().account.id;
  const others = rows.some((row) => row.account_id !== mine);
  return [
    { key: "type", title: t("type"), cell: (row: Notification) => <Link to={`/notifications/${row.id}`}>{names.type(row.type)}</Link> },
    { key: "status", title: t("statusLabel"), cell: (row: Notification) => <StatusChip status={row.status} /> },
    ...(others ? [{ key: "account", title: t("account"), cell: (row: Notification) => <code>{row.account_id}</code> }] : []),
    { key: "source", title: t("sourceLabel"), cell: (row: Notification) => t(`source.${row.source}`) },
    { key: "external", title: t("externalId"), cell: (row: Notification) => row.external_id || "–" },
    { key: "time", title: t("time"), cell: (row: Notification) => <TimeAt at={row.created_at} /> },
  ];
}

function Nothing({ any, clear }: { any: boolean; clear: () => void }) {
  const t = useText("notification");
  if (!any) return <Empty text={t("empty")} />;
  return (
    <Empty text={t("emptyFilter")}>
      <Button onClick={clear}>{t("clear")}</Button>
    </Empty>
  );
}
