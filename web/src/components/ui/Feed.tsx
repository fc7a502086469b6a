import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "@/lib/i18n";
import type { Page, Windowed } from "@/lib/window";
import { Button } from "./antd.ts";
import { Failure } from "./Failure.tsx";
import { Loading } from "./Loading.tsx";

interface FeedProps<Row, P extends Page<Row>> {
  list: Windowed<Row, P>;
  label: string;
  rowHeight: number;
  id: (row: Row) => string;
  row: (row: Row, index: number) => ReactNode;
  empty: ReactNode;
  /** The row that has the keyboard's attention. */
  active?: number;
  /** "all 1,204" beside how many were read. */
  total?: string;
}

/** Browsers cap heights: after so many rows the scroller begins anew. */
const segment = 200_000;

/** A long list of equal rows: only those in sight are in the page, a few pages in memory. */
export function Feed<Row, P extends Page<Row>>({ list, label, rowHeight, id, row, empty, active, total }: FeedProps<Row, P>) {
  const t = useText("ui");
  const scroller = useRef<HTMLDivElement>(null);
  const base = Math.max(0, list.before - (list.before % segment));
  const count = list.before + list.rows.length - base;
  const rows = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8, initialRect: { width: 800, height: 600 } });
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) + base;
  const last = (items.at(-1)?.index ?? 0) + base;
  useEffect(() => {
    if (list.pending) return;
    if (first < list.before) list.loadBefore();
    else if (last >= list.before + list.rows.length - 10) list.loadMore();
  });
  useEffect(() => {
    if (active !== undefined && active >= base) rows.scrollToIndex(active - base);
  }, [active, base, rows]);
  if (list.pending && !list.error) return <Loading rows={8} />;
  return (
    <>
      {list.error && <Failure error={list.error} retry={list.retry} />}
      {count === 0 && !list.error && empty}
      <div ref={scroller} className="b-feed" hidden={count === 0}>
        <ul aria-label={label} className="b-feed-rows" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const at = item.index + base - list.before;
            const each = list.rows[at];
            return (
              <li key={each ? id(each) : item.index} className="b-feed-row" aria-posinset={item.index + base + 1} aria-setsize={list.hasMore ? -1 : count + base} style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}>
                {each ? row(each, item.index + base) : null}
              </li>
            );
          })}
        </ul>
      </div>
      {count > 0 && (
        <div className="b-feed-foot">
          <span>{t("loaded", { n: count + base })}{total && ` · ${total}`}</span>
          {list.hasMore && (
            <Button onClick={list.loadMore} loading={list.loadingMore}>
              {t("more")}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
