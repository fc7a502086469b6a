import { useCallback } from "react";
import { ChoiceFilter, DaysFilter, FilterBar, SearchFilter } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { useInboxFilter } from "./useInboxFilter.ts";

/** What narrows the list beside its category. */
export function InboxFilters({ of }: { of: ReturnType<typeof useInboxFilter> }) {
  const t = useText("inbox");
  const names = useNames();
  const { filters, set } = of;
  const states = (["unread", "read"] as const).map((value) => ({ value, label: t(value) }));
  const types = names.types.filter((type) => !filters.category || type.category === filters.category).map((type) => ({ value: type.key, label: names.type(type.key) }));
  const search = useCallback((q: string) => set({ q }), [set]);
  return (
    <FilterBar any={of.any} onClear={of.clear}>
      <ChoiceFilter label={t("anyState")} value={filters.state} options={states} onChange={(state) => set({ state })} />
      <ChoiceFilter label={t("anyType")} value={filters.type} options={types} onChange={(type) => set({ type })} />
      <DaysFilter from={filters.from} to={filters.to} onChange={set} />
      <SearchFilter label={t("search")} value={filters.q} onChange={search} />
    </FilterBar>
  );
}
