import "../resource.css";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { anyText, Button, ChoiceFilter, day, Empty, FilterBar, Link, MoreList, Page as Frame, SearchFilter, TimeAgo, TimeAt, useFilters } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { startOfDay, useTime } from "@/lib/time";
import { type Filter, type Resource, type State, useResources } from "../api.ts";
import { ResourceSide, StateChip } from "../components/ResourceSide.tsx";

const states: readonly Exclude<State, "deleted">[] = ["active", "will_not_renew", "released"];
const schema = { state: states, kind: anyText, external_id: anyText, before: day };

/** What the account has that expires, as its products register it. */
export function Page() {
  const t = useText("resource");
  const can = useCan();
  const navigate = useNavigate();
  const { zone } = useTime();
  const { id } = useParams({ strict: false }) as { id?: string };
  const of = useFilters(schema);
  const { state, kind, external_id, before } = of.filters;
  const filter = useMemo<Filter>(
    () => ({ ...(state && { state: state as (typeof states)[number] }), ...(kind && { kind }), ...(external_id && { external_id }), ...(before && { expiring_before: startOfDay(before, zone).toISOString() }) }),
    [state, kind, external_id, before, zone],
  );
  return (
    <Frame title={t("title")} tools={can("reminder.list") && <Link to="/reminders">{t("toReminders")}</Link>}>
      <FilterBar any={of.any} onClear={of.clear}>
        <ChoiceFilter label={t("anyState")} value={state} options={states.map((value) => ({ value, label: t(`state.${value}`) }))} onChange={(value) => of.set({ state: value })} />
        <SearchFilter label={t("kind")} value={kind} onChange={(value) => of.set({ kind: value })} />
        <SearchFilter label={t("externalId")} value={external_id} onChange={(value) => of.set({ external_id: value })} />
        <label className="b-days">
          {t("expiringBefore")}
          <input type="date" className="b-date" value={before ?? ""} onChange={(event) => of.set({ before: event.target.value })} />
        </label>
      </FilterBar>
      <MoreList list={useResources(filter)} label={t("title")} columns={useColumns()} id={(row) => row.id} empty={<Nothing any={of.any} clear={of.clear} />} />
      {id && <ResourceSide id={id} onClose={() => void navigate({ to: "/resources" as "." })} />}
    </Frame>
  );
}

function useColumns() {
  const t = useText("resource");
  return [
    { key: "name", title: t("name"), cell: (row: Resource) => <Link to={`/resources/${row.id}`}>{row.name || row.external_id}</Link> },
    { key: "kind", title: t("kind"), cell: (row: Resource) => <span className="b-word">{row.kind || "–"}</span> },
    { key: "product", title: t("product"), cell: (row: Resource) => row.product_name || <code>{row.product_id}</code> },
    { key: "external", title: t("externalId"), cell: (row: Resource) => <code>{row.external_id}</code> },
    { key: "expires", title: t("expiresIn"), cell: (row: Resource) => <TimeAgo at={row.expires_at} /> },
    { key: "next", title: t("next"), cell: (row: Resource) => (row.next_reminder_at ? <TimeAt at={row.next_reminder_at} /> : t("none")) },
    { key: "state", title: t("stateLabel"), cell: (row: Resource) => <StateChip state={row.state} expired={row.expired} /> },
  ];
}

function Nothing({ any, clear }: { any: boolean; clear: () => void }) {
  const t = useText("resource");
  if (!any) return <Empty text={t("empty")} />;
  return (
    <Empty text={t("emptyFilter")}>
      <Button onClick={clear}>{t("clear")}</Button>
    </Empty>
  );
}
