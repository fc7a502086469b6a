import type { ReactNode } from "react";
import { useText } from "@/lib/i18n";
import type { Page, Windowed } from "@/lib/window";
import { Button } from "./antd.ts";
import { Failure } from "./Failure.tsx";
import { Loading } from "./Loading.tsx";

interface MoreListProps<Row, P extends Page<Row>> {
  list: Windowed<Row, P>;
  label: string;
  /** The columns: a heading and what stands in a row's cell. On phones rows become cards. */
  columns: { key: string; title: string; cell: (row: Row) => ReactNode; width?: string }[];
  id: (row: Row) => string;
  empty: ReactNode;
  rowClass?: (row: Row) => string | undefined;
}

/** A table of moderate length with "load more". On phones each row is a card. */
export function MoreList<Row, P extends Page<Row>>({ list, label, columns, id, empty, rowClass }: MoreListProps<Row, P>) {
  const t = useText("ui");
  if (list.pending && !list.error) return <Loading rows={8} />;
  return (
    <>
      {list.error && <Failure error={list.error} retry={list.retry} />}
      {list.rows.length === 0 && !list.error && empty}
      {list.rows.length > 0 && (
        <div className="b-table-frame">
          <table className="b-table b-cards">
            <caption className="b-hidden">{label}</caption>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.key} scope="col" style={{ width: column.width }}>
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.rows.map((row) => (
                <tr key={id(row)} className={rowClass?.(row)}>
                  {columns.map((column) => (
                    <td key={column.key} data-label={column.title}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.rows.length > 0 && (
        <div className="b-feed-foot">
          <span>{t("loaded", { n: list.before + list.rows.length })}</span>
          {list.before > 0 && <Button onClick={list.loadBefore}>{t("earlierRows")}</Button>}
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
