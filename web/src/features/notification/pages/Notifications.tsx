import { useMemo } from "react";
import { AccountName, anyText, Button, ChoiceFilter, day, DaysFilter, Empty, FilterBar, Link, type Missed, MoreList, Page as Frame, ResendMissed, SearchFilter, TimeAt, useFilters, word } from "@/components/ui";
import { useCan, useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { dayRange, useTime } from "@/lib/time";
import { type Filter, type Notification, type Status, useNotifications } from "../api.ts";
import { StatusChip } from "../components/StateChip.tsx";

const statuses: readonly Status[] = ["scheduled", "pending", "delivered", "partial", "failed", "cancelled", "expired"];
const states = ["pending", "accepted", "delivered", "failed", "cancelled", "suppressed"] as const;
const schema = { status: statuses, type: word, from: day, to: day, external_id: anyText, state: states, address: anyText, channel: word, reason: word, contact_id: word, bot_id: word };

/** What was sent, newest first. */
export function Page() {
  const t = useText("notification");
  const names = useNames();
  const { zone } = useTime();
  const of = useFilters(schema);
  const { status, from, to, state, ...others } = of.filters;
  const filter = useMemo<Filter>(
    () => ({ ...others, ...(status && { status: status as Status }), ...(state && { state: state as Filter["state"] }), ...dayRange(from ?? "", to ?? "", zone) }),
    [status, state, JSON.stringify(others), from, to, zone], // eslint-disable-line react-hooks/exhaustive-deps -- the values count, not the object
  );
  const can = useCan();
  const list = useNotifications(filter);
  return (
    <Frame title={t("title")} tools={can("delivery.resend") && <ResendMissed of={missedOf(filter)} />}>
      <FilterBar any={of.any} onClear={of.clear}>
        <ChoiceFilter label={t("all")} value={status} options={statuses.map((value) => ({ value, label: t(`status.${value}`) }))} onChange={(value) => of.set({ status: value })} />
        <ChoiceFilter label={t("anyType")} value={others.type} options={names.types.map(({ key }) => ({ value: key, label: names.type(key) }))} onChange={(value) => of.set({ type: value })} />
        <ChoiceFilter label={t("anyDelivery")} value={state} options={states.map((value) => ({ value, label: t(`state.${value}`) }))} onChange={(value) => of.set({ state: value })} />
        <DaysFilter from={from} to={to} onChange={of.set} />
        <SearchFilter label={t("externalId")} value={others.external_id} onChange={(value) => of.set({ external_id: value })} />
        <SearchFilter label={t("toAddress")} value={others.address} onChange={(value) => of.set({ address: value })} />
      </FilterBar>
      <MoreList list={list} label={t("list")} columns={useColumns(list.rows)} id={(row) => row.id} empty={<Nothing any={of.any} clear={of.clear} />} />
    </Frame>
  );
}

/** The part of the list's filter that says whose deliveries, and which. */
function missedOf({ type, address, channel, contact_id, bot_id, reason }: Filter): Missed {
  return Object.fromEntries(Object.entries({ type, address, channel, contact_id, bot_id, reason }).filter(([, value]) => value));
}

function useColumns(rows: Notification[]) {
  const t = useText("notification");
  const names = useNames();
  const mine = useProfile().account.id;
  const others = rows.some((row) => row.account_id !== mine);
  return [
    { key: "type", title: t("type"), cell: (row: Notification) => <Titled row={row} type={names.type(row.type)} /> },
    { key: "status", title: t("statusLabel"), cell: (row: Notification) => <StatusChip status={row.status} /> },
    ...(others ? [{ key: "account", title: t("account"), cell: (row: Notification) => <AccountName id={row.account_id} /> }] : []),
    { key: "deliveries", title: t("deliveries"), cell: (row: Notification) => <Counts counts={row.counts} /> },
    { key: "source", title: t("sourceLabel"), cell: (row: Notification) => row.product_name || t(`source.${row.source}`) },
    { key: "external", title: t("externalId"), cell: (row: Notification) => row.external_id || "–" },
    { key: "time", title: t("time"), cell: (row: Notification) => <TimeAt at={row.created_at} /> },
  ];
}

/** The title that people saw, with the type below; without a message the type alone. */
function Titled({ row, type }: { row: Notification; type: string }) {
  return (
    <div>
      <Link to={`/notifications/${row.id}`}>{row.title || type}</Link>
      {row.title && <div className="b-hint">{type}</div>}
    </div>
  );
}

/** How many deliveries are in which state; states without any are left out. */
function Counts({ counts }: { counts: Notification["counts"] }) {
  const t = useText("notification");
  const some = states.filter((state) => counts[state] > 0);
  return <>{some.map((state) => t(`count.${state}`, { n: counts[state] })).join(" · ") || "–"}</>;
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
