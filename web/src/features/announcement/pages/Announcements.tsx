import { anyText, Button, ChoiceFilter, Empty, FilterBar, Link, Page as Frame, SearchFilter, useFilters, word } from "@/components/ui";
import { useCallback } from "react";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type State, states } from "../api.ts";
import { AnnouncementList } from "../components/AnnouncementList.tsx";

const schema = { state: states, type: word, external_id: anyText };

/** What many accounts were told at once. */
export function Page() {
  const t = useText("announcement");
  const can = useCan();
  const names = useNames();
  const { filters, set, clear, any } = useFilters(schema);
  const { state, ...others } = filters;
  const search = useCallback((external_id: string) => set({ external_id }), [set]);
  const add = can("announcement.create") && <Link to="/platform/announcements/new" className="b-button b-button-first">{t("new")}</Link>;
  return (
    <Frame title={t("title")} tools={add}>
      <FilterBar any={any} onClear={clear}>
        <ChoiceFilter label={t("anyState")} value={state} options={states.map((value) => ({ value, label: t(`states.${value}`) }))} onChange={(value) => set({ state: value })} />
        <ChoiceFilter label={t("anyType")} value={filters.type} options={names.types.map(({ key }) => ({ value: key, label: names.type(key) }))} onChange={(type) => set({ type })} />
        <SearchFilter label={t("external_id")} value={filters.external_id} onChange={search} />
      </FilterBar>
      <AnnouncementList filter={{ ...others, ...(state && { state: state as State }) }} empty={any ? <Empty text={t("emptyFilter")}><Button onClick={clear}>{t("clear")}</Button></Empty> : <Empty text={t("empty")}>{add}</Empty>} />
    </Frame>
  );
}
