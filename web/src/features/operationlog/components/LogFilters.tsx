import { useCallback } from "react";
import { anyText, ChoiceFilter, day, DaysFilter, FilterBar, SearchFilter, useFilters, word } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useActors } from "../api.ts";
import { actions, kinds } from "./known.ts";
import { useWords } from "./words.ts";

const results = ["succeeded", "denied", "refused"] as const;
export const schema = { actor: word, action: word, object_kind: word, object_id: anyText, result: results, from: day, to: day };

/** The filter in the address. */
export const useLogFilters = () => useFilters(schema);

/** What narrows the log: who did what to what, how it ended, when. */
export function LogFilters({ of }: { of: ReturnType<typeof useLogFilters> }) {
  const t = useText("operationlog");
  const words = useWords();
  const actors = useActors();
  const { filters, set } = of;
  const known = actors.map((user) => ({ value: user.id, label: user.display_name || user.name }));
  const others = filters.actor && !known.some((each) => each.value === filters.actor) ? [{ value: filters.actor, label: filters.actor }] : [];
  const object = useCallback((value: string) => set({ object_id: value }), [set]);
  return (
    <FilterBar any={of.any} onClear={of.clear}>
      {(known.length > 0 || others.length > 0) && <ChoiceFilter label={t("anyActor")} value={filters.actor} options={[...others, ...known]} onChange={(actor) => set({ actor })} />}
      <ChoiceFilter label={t("anyAction")} value={filters.action} options={actions.map((value) => ({ value, label: words.action(value) }))} onChange={(action) => set({ action })} />
      <ChoiceFilter label={t("anyKind")} value={filters.object_kind} options={kinds.map((value) => ({ value, label: words.kind(value) }))} onChange={(object_kind) => set({ object_kind })} />
      <ChoiceFilter label={t("anyResult")} value={filters.result} options={results.map((value) => ({ value, label: t(`result.${value}`) }))} onChange={(result) => set({ result })} />
      <DaysFilter from={filters.from} to={filters.to} onChange={set} />
      <SearchFilter label={t("objectId")} value={filters.object_id} onChange={object} />
    </FilterBar>
  );
}
