import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Button, Empty, MoreList, Page as Frame } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { dayRange, useTime } from "@/lib/time";
import { type Filter, useEntries } from "../api.ts";
import { AccountPicker } from "../components/AccountPicker.tsx";
import { EntryPanel } from "../components/EntryPanel.tsx";
import { ExportLinks } from "../components/ExportLinks.tsx";
import { LogFilters, useLogFilters } from "../components/LogFilters.tsx";
import { useColumns } from "../components/useColumns.tsx";
import "../operationlog.css";

/** Who did what: the own account's log, or for auditors that of the account that they choose. */
export function Page() {
  const t = useText("operationlog");
  const can = useCan();
  const { seq } = useParams({ strict: false }) as { seq?: string };
  const { account: asked } = useSearch({ strict: false }) as { account?: string };
  const account = can("account_operation.list") && /^(acc_[0-9a-f]{32}|[a-z0-9][a-z0-9-]{2,31})$/.test(asked ?? "") ? (asked ?? "") : "";
  const of = useLogFilters();
  const { zone } = useTime();
  const { from, to, ...others } = of.filters;
  const filter = useMemo(() => ({ ...others, ...dayRange(from ?? "", to ?? "", zone) }) as Filter, [JSON.stringify(others), from, to, zone]); // eslint-disable-line react-hooks/exhaustive-deps -- the values count, not the object
  const list = useEntries(account, filter);
  const navigate = useNavigate();
  const close = () => void navigate({ to: "/operations" as ".", search: { ...of.filters, ...(account && { account }) } as never });
  return (
    <Frame title={t("title")} tools={<Button onClick={list.retry}>{t("refresh")}</Button>}>
      {can("account_operation.list") && <AccountPicker key={account} account={account} />}
      <LogFilters of={of} />
      {can(account ? "account_operation.export" : "operation.export") && <ExportLinks account={account} filter={filter} shown={list.rows} />}
      <MoreList list={list} label={t("list")} columns={useColumns()} id={(row) => String(row.seq)} empty={<Nothing any={of.any} clear={of.clear} />} />
      {seq && <EntryPanel account={account} seq={seq} onClose={close} />}
    </Frame>
  );
}

function Nothing({ any, clear }: { any: boolean; clear: () => void }) {
  const t = useText("operationlog");
  if (!any) return <Empty text={t("empty")} />;
  return (
    <Empty text={t("emptyFilter")}>
      <Button onClick={clear}>{t("clear")}</Button>
    </Empty>
  );
}
