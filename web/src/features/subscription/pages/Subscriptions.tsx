import "../subscription.css";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useContext, useMemo, useState } from "react";
import { anyText, Button, ChoiceFilter, day, Dialog, Diff, Empty, FilterBar, Link, Loaded, Page as Frame, SearchFilter, Switch, useFilters, useNotify, word, Confirmation, Failure } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useNarrow } from "@/lib/narrow";
import { dayRange, TimeContext } from "@/lib/time";
import { type Matrix, useCoverage, useDifference, useMarketing, useMatrix, useRevert } from "../api.ts";
import { CategoryDrawer } from "../components/CategoryDrawer.tsx";
import { MatrixCards } from "../components/MatrixCards.tsx";
import { MatrixTable } from "../components/MatrixTable.tsx";
import { groupRows, only as onlyValues, selectRows } from "../components/rows.ts";
import { SaveBar } from "../components/SaveBar.tsx";
import { TypeDrawer } from "../components/TypeDrawer.tsx";
import { useTicks } from "../components/useTicks.ts";

const schema = { category: word, q: anyText, only: onlyValues, as_of: day } as const;

/** The matrix: which types go over which channels, and to whom. */
export function Page() {
  const t = useText("subscription");
  const { zone } = useContext(TimeContext);
  const of = useFilters(schema);
  const asOf = of.filters.as_of ? earlier(dayRange("", of.filters.as_of, zone).to ?? "") : "";
  const query = useMatrix(asOf);
  return (
    <Frame title={t("title")} tools={<Tools matrix={query.data} past={asOf !== ""} of={of} />}>
      {asOf && <PastBanner key={asOf} asOf={asOf} day={of.filters.as_of ?? ""} onNow={() => of.set({ as_of: "" })} />}
      <Loaded query={query} rows={12}>{(matrix) => <Matrixes key={asOf} matrix={matrix} past={asOf !== ""} of={of} />}</Loaded>
    </Frame>
  );
}

/** The end of a day that is not over yet has no past: then now counts. */
const earlier = (end: string) => (Date.parse(end) > Date.now() ? "" : end);

type Of = ReturnType<typeof useFilters<typeof schema>>;

function Tools({ matrix, past, of }: { matrix: Matrix | undefined; past: boolean; of: Of }) {
  const t = useText("subscription");
  const can = useCan();
  const marketing = useMarketing(matrix?.version);
  return (
    <>
      <label className="b-inline">
        {t("asOf")} <input type="date" className="b-date" value={of.filters.as_of ?? ""} max={new Date().toISOString().slice(0, 10)} onChange={(event) => of.set({ as_of: event.target.value })} />
      </label>
      {matrix && (
        <span className="b-inline">
          <span id="marketing">{t("marketing")}</span>
          {can("subscription.marketing") && !past ? (
            <Switch aria-labelledby="marketing" checked={matrix.marketing} loading={marketing.busy} checkedChildren={t("switchOn")} unCheckedChildren={t("switchOff")} onChange={marketing.run} />
          ) : (
            <strong>{matrix.marketing ? t("switchOn") : t("switchOff")}</strong>
          )}
        </span>
      )}
      <Link to="/subscriptions/history">{t("history")}</Link>
      {marketing.problem && <Failure error={marketing.problem} />}
    </>
  );
}

function Matrixes({ matrix, past, of }: { matrix: Matrix; past: boolean; of: Of }) {
  const t = useText("subscription");
  const can = useCan();
  const names = useNames();
  const narrow = useNarrow();
  const navigate = useNavigate();
  const { type } = useParams({ strict: false }) as { type?: string };
  const [category, setCategory] = useState<string>();
  const coverage = useCoverage();
  const marks = useMemo(() => ({ unreached: new Set(coverage?.unreached.map((each) => each.type)), single: new Set(coverage?.single.map((each) => each.type)) }), [coverage]);
  const ticks = useTicks(matrix);
  const editable = can("subscription.update_many") && !past;
  const { filters } = of;
  const rows = selectRows(matrix.items, { category: filters.category, q: filters.q, only: filters.only, name: names.type, marks });
  const groups = groupRows(rows, names.categories.map((each) => each.key));
  const channels = useMemo(() => matrix.items[0]?.cells.map((cell) => cell.channel) ?? [], [matrix]);
  const open = useCallback((to: string) => void navigate({ to: (to ? `/subscriptions/${to}` : "/subscriptions") as ".", search: filters as never }), [navigate, filters]);
  const row = matrix.items.find((each) => each.type === type);
  const counts = { unreached: marks.unreached.size, single: marks.single.size, changed: matrix.items.filter((each) => each.chosen).length };
  const shared = { groups, channels, pending: ticks.pending, editable, marks, onTick: ticks.tick, onColumn: ticks.column, onCategory: setCategory, onOpen: open };
  return (
    <>
      <FilterBar any={Boolean(filters.category ?? filters.q ?? filters.only)} onClear={() => of.set({ category: "", q: "", only: "" })}>
        <ChoiceFilter label={t("anyCategory")} value={filters.category} onChange={(value) => of.set({ category: value })} options={names.categories.map((each) => ({ value: each.key, label: names.category(each.key) }))} />
        <SearchFilter label={t("search")} value={filters.q} onChange={(q) => of.set({ q })} />
        <ChoiceFilter label={t("every")} value={filters.only} onChange={(only) => of.set({ only: only as "single" })} options={onlyValues.map((value) => ({ value, label: t(`only.${value}`, { n: counts[value] }) }))} />
      </FilterBar>
      {rows.length === 0 ? (
        <Empty text={t("empty")}>
          <Button onClick={of.clear}>{t("clear")}</Button>
        </Empty>
      ) : narrow ? <MatrixCards {...shared} /> : <MatrixTable {...shared} />}
      {editable && <SaveBar ticks={ticks} rows={matrix.items} />}
      {row && <TypeDrawer key={row.type} row={row} version={matrix.version} ticks={ticks} editable={editable} onClose={() => open("")} />}
      {category && <CategoryDrawer category={category} rows={matrix.items} version={matrix.version} onClose={() => setCategory(undefined)} />}
    </>
  );
}

/** Says that this is the past, what differs from now, and goes back to it. */
function PastBanner({ asOf, day: shown, onNow }: { asOf: string; day: string; onNow: () => void }) {
  const t = useText("subscription");
  const can = useCan();
  const names = useNames();
  const notify = useNotify();
  const [comparing, setComparing] = useState(false);
  const [asking, setAsking] = useState(false);
  const now = useMatrix("");
  const difference = useDifference(asOf, comparing);
  const revert = useRevert(now.data?.version, () => {
    setAsking(false);
    notify.done(t("reverted"));
    onNow();
  });
  return (
    <section className="b-note" aria-label={t("past", { day: shown })}>
      <p role="status">{t("past", { day: shown })}</p>
      <div className="b-form-buttons">
        <Button onClick={() => setComparing(!comparing)} aria-expanded={comparing}>{t("compare")}</Button>
        {can("subscription.revert") && <Button onClick={() => setAsking(true)}>{t("revert")}</Button>}
        <Button type="link" onClick={onNow}>{t("toNow")}</Button>
      </div>
      {comparing && (
        <Loaded query={difference}>
          {(items) => (items.length === 0 ? <p>{t("same")}</p> : items.map((each) => (
            <section key={each.type}>
              <h3>{names.type(each.type)}</h3>
              <Diff before={each.before} after={each.after} />
            </section>
          )))}
        </Loaded>
      )}
      {revert.problem && <Failure error={revert.problem} />}
      <Dialog open={asking && !revert.question} title={t("revertTitle", { day: shown })} action={t("revert")} busy={revert.busy} onAction={() => revert.run({ as_of: asOf })} onCancel={() => setAsking(false)}>
        {t("revertNote")}
      </Dialog>
      <Confirmation write={revert} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </section>
  );
}
