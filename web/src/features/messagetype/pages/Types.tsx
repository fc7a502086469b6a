import "../messagetype.css";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { anyText, Button, Chip, ChoiceFilter, Empty, FilterBar, Icon, Link, MoreList, Page as Frame, SearchFilter, SidePage, useFilters, word } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Summary, useTypes } from "../api.ts";
import { NewType } from "../components/NewType.tsx";

const schema = { q: anyText, category: word };

/** The catalogue of message types. */
export function Page() {
  const t = useText("messagetype");
  const can = useCan();
  const names = useNames();
  const navigate = useNavigate();
  const { filters, set, clear, any } = useFilters(schema);
  const [adding, setAdding] = useState(false);
  const search = useCallback((q: string) => set({ q }), [set]);
  const query = useTypes();
  const wanted = (filters.q ?? "").toLowerCase();
  const rows = (query.data ?? []).filter((each) => (!filters.category || each.category === filters.category) && `${each.key} ${Object.values(each.names).join(" ")}`.toLowerCase().includes(wanted));
  const list = { rows, before: 0, first: undefined, hasMore: false, loadMore: () => undefined, loadBefore: () => undefined, loadingMore: false, pending: query.isPending, error: query.error, retry: () => void query.refetch() };
  return (
    <Frame title={t("title")} tools={can("message_type.create") && <Button type="primary" onClick={() => setAdding(true)}>{t("add")}</Button>}>
      <FilterBar any={any} onClear={clear}>
        <ChoiceFilter label={t("anyCategory")} value={filters.category} options={names.categories.map(({ key }) => ({ value: key, label: names.category(key) }))} onChange={(category) => set({ category })} />
        <SearchFilter label={t("search")} value={filters.q} onChange={search} />
      </FilterBar>
      <MoreList list={list} label={t("title")} columns={useColumns()} id={(row) => row.key} empty={<Empty text={t("empty")}>{any && <Button onClick={clear}>{t("clear")}</Button>}</Empty>} />
      <SidePage open={adding} title={t("add")} onClose={() => setAdding(false)}>
        <NewType onClose={() => setAdding(false)} onMade={(key) => void navigate({ to: `/platform/message-types/${key}` as "." })} />
      </SidePage>
    </Frame>
  );
}

function useColumns() {
  const t = useText("messagetype");
  const names = useNames();
  const meant = (key: string) => t(`meant.${key as "sre"}`, { defaultValue: key });
  const locks = (row: Summary) => row.locked.length > 0 && <span><Icon name="lock" /> {row.locked.map(names.channel).join(", ")}</span>;
  const flags = (row: Summary) => (
    <span className="b-name">
      {row.strict && <Chip tone="warn" icon="lock">{t("flag.strict")}</Chip>}
      {row.marketing && <Chip tone="info">{t("flag.marketing")}</Chip>}
      {row.internal && <Chip>{t("internal")}</Chip>}
      {!row.enabled && <Chip>{t("disabled")}</Chip>}
    </span>
  );
  return [
    { key: "name", title: t("name"), cell: (row: Summary) => <span><Link to={`/platform/message-types/${row.key}`}>{names.type(row.key)}</Link> <span className="b-hint">{row.key}</span></span> },
    { key: "category", title: t("category"), width: "7rem", cell: (row: Summary) => names.category(row.category) },
    { key: "locked", title: t("locked"), cell: locks },
    { key: "audience", title: t("audience"), cell: (row: Summary) => row.audience.map(meant).join(", ") },
    { key: "flags", title: t("state"), cell: flags },
    { key: "version", title: t("version"), cell: (row: Summary) => String(row.version) },
  ];
}
