import { Fragment, type KeyboardEvent, memo, type SyntheticEvent, useRef, useState } from "react";
import { Button, Chip, Icon, Link } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { Cell, Row } from "../api.ts";
import { columnState, isFree, move, type Pending, tickedIn } from "./pending.ts";

export interface Marks {
  unreached: ReadonlySet<string>;
  single: ReadonlySet<string>;
}

interface Table {
  groups: { category: string; rows: Row[] }[];
  channels: string[];
  pending: Pending;
  editable: boolean;
  marks: Marks;
  onTick: (row: Row, cell: Cell, ticked: boolean) => void;
  onColumn: (rows: Row[], channel: string, ticked: boolean) => void;
  onCategory: (category: string) => void;
  onOpen: (type: string) => void;
}

/** The matrix as a grid: one tab stop, arrows, Space ticks, Home and End. */
export function MatrixTable(props: Table) {
  const t = useText("subscription");
  const names = useNames();
  const grid = useGrid();
  const { groups, channels } = props;
  return (
    <div className="b-table-frame b-matrix-frame">
      <table role="grid" aria-label={t("title")} className="b-table b-matrix" onKeyDown={grid.onKeyDown} onFocus={grid.onFocus} onBlur={grid.hide} onMouseOver={grid.onShow} onMouseLeave={grid.hide} onClick={grid.onShow}>
        <thead>
          <tr>
            <th scope="col">{t("type")}</th>
            {channels.map((channel) => (
              <th key={channel} scope="col" className="b-cell">{names.channel(channel)}</th>
            ))}
            <th scope="col">{t("recipients")}</th>
            <th scope="col">{t("bots")}</th>
            <th scope="col">{t("actions")}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ category, rows }, g) => (
            <Fragment key={category}>
              <CategoryRow {...props} category={category} rows={rows} first={g === 0} />
              {rows.map((row) => (
                <TypeRow key={row.type} row={row} pending={pendingOf(props.pending, row)} channels={channels} editable={props.editable} unreached={props.marks.unreached.has(row.type)} single={props.marks.single.has(row.type)} onTick={props.onTick} onOpen={props.onOpen} />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      {grid.reason && (
        <div role="tooltip" className="b-reason" ref={grid.place}>
          {grid.reason.text}
        </div>
      )}
    </div>
  );
}

/** The pending ticks of one row as a text, so that other rows need not render again. */
const pendingOf = (pending: Pending, row: Row) => row.cells.map((cell) => (tickedIn(pending, row, cell) ? "1" : "0")).join("");

function CategoryRow({ category, rows, channels, pending, editable, first, onColumn, onCategory }: Table & { category: string; rows: Row[]; first: boolean }) {
  const t = useText("subscription");
  const names = useNames();
  return (
    <tr className="b-category">
      <th scope="row">
        {names.category(category)}{" "}
        {editable && (
          <Button size="small" data-cell tabIndex={first ? 0 : -1} onClick={() => onCategory(category)}>
            {t("bulk")}
          </Button>
        )}
      </th>
      {channels.map((channel) => {
        const state = columnState(pending, rows, channel);
        return (
          <td key={channel} className="b-cell">
            {editable && state && (
              <label className="b-box">
                <input type="checkbox" data-cell tabIndex={-1} aria-label={t("all", { channel: names.channel(channel), category: names.category(category) })} checked={state === "all"} ref={(box) => void (box && (box.indeterminate = state === "some"))} onChange={() => onColumn(rows, channel, state !== "all")} />
              </label>
            )}
          </td>
        );
      })}
      <td colSpan={3} />
    </tr>
  );
}

interface TypeRowProps {
  row: Row;
  pending: string;
  channels: string[];
  editable: boolean;
  unreached: boolean;
  single: boolean;
  onTick: Table["onTick"];
  onOpen: Table["onOpen"];
}

const TypeRow = memo(function TypeRow({ row, pending, channels, editable, unreached, single, onTick, onOpen }: TypeRowProps) {
  const t = useText("subscription");
  const names = useNames();
  const name = names.type(row.type);
  return (
    <tr data-type={row.type}>
      <th scope="row">
        {name} {row.strict && <Chip icon="lock">{t("strict")}</Chip>} {unreached && <Chip tone="bad">{t("unreached")}</Chip>} {single && <Chip tone="warn">{t("single")}</Chip>}
      </th>
      {channels.map((channel) => {
        const at = row.cells.findIndex((cell) => cell.channel === channel);
        const cell = row.cells[at];
        return (
          <td key={channel} className="b-cell">
            {cell && <MatrixCell row={row} cell={cell} ticked={pending[at] === "1"} label={`${names.channel(channel)} · ${name}`} editable={editable} onTick={onTick} />}
          </td>
        );
      })}
      <td>
        <Targets row={row} />
      </td>
      <td>{row.every_bot ? t("everyBot") : row.bots.map((bot) => bot.name).join(", ") || "–"}</td>
      <td>
        <span className="b-actions">
          <Button size="small" data-cell tabIndex={-1} aria-label={`${editable && !row.strict ? t("edit") : t("show")} · ${name}`} onClick={() => onOpen(row.type)}>
            {editable && !row.strict ? t("edit") : t("show")}
          </Button>
          <Link to={`/subscriptions/history?type=${row.type}`} aria-label={`${t("history")} · ${name}`}>
            {t("history")}
          </Link>
        </span>
      </td>
    </tr>
  );
});

export function Targets({ row }: { row: Row }) {
  const t = useText("subscription");
  if (row.target_kind === "account") return row.fell_back ? <Chip tone="warn">{t("fellBack")}</Chip> : <>{t("accountContact")}</>;
  const list = row.targets.map((each) => each.name).join(", ");
  return <>{row.target_kind === "groups" ? t("groupsOf", { list }) : list}</>;
}

/** Why a cell is as it is, in words; "" where it is simply free. */
export function useReason() {
  const t = useText("subscription");
  return (cell: Cell, editable: boolean) => (cell.reason ? t(`reason.${cell.reason}`) : editable ? "" : t("readOnly"));
}

interface CellProps {
  row: Row;
  cell: Cell;
  ticked: boolean;
  label: string;
  editable: boolean;
  onTick: Table["onTick"];
}

/** A cell: a native check box where it is free, else a mark that says why it is not. */
export function MatrixCell({ row, cell, ticked, label, editable, onTick }: CellProps) {
  const t = useText("subscription");
  const reason = useReason()(cell, editable);
  if (editable && isFree(row, cell)) {
    return (
      <label className="b-box">
        <input type="checkbox" data-cell data-reason={reason} data-channel={cell.channel} tabIndex={-1} aria-label={reason ? `${label}: ${reason}` : label} checked={ticked} onChange={(event) => onTick(row, cell, event.target.checked)} />
      </label>
    );
  }
  return (
    <button type="button" className="b-mark" data-cell data-reason={reason} data-channel={cell.channel} tabIndex={-1} aria-disabled="true" aria-label={`${label}: ${ticked ? t("on") : t("off")}. ${reason}`}>
      <Icon name={ticked ? "check" : "minus"} />
      {cell.state === "locked" && <Icon name="lock" />}
    </button>
  );
}

/** Moves the one tab stop of a grid, and shows the reason of what has the focus or the mouse. */
function useGrid() {
  const current = useRef<HTMLElement>(undefined);
  const [reason, setReason] = useState<{ text: string; of: HTMLElement }>();
  const cellOf = (event: SyntheticEvent) => (event.target as HTMLElement).closest<HTMLElement>("td, th")?.querySelector<HTMLElement>("[data-cell]") ?? undefined;
  const show = (cell: HTMLElement | undefined) => setReason(cell?.dataset["reason"] ? { text: cell.dataset["reason"], of: cell } : undefined);
  const onFocus = (event: SyntheticEvent<HTMLTableElement>) => {
    const target = event.target as HTMLElement;
    if (!target.matches("[data-cell]")) return;
    for (const stop of event.currentTarget.querySelectorAll<HTMLElement>("[data-cell][tabindex='0']")) stop.tabIndex = -1;
    target.tabIndex = 0;
    current.current = target;
    show(target);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    if (event.key === "Escape") return setReason(undefined);
    const rows = [...event.currentTarget.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll<HTMLElement>("[data-cell]")]).filter((row) => row.length > 0);
    const row = rows.findIndex((each) => each.includes(event.target as HTMLElement));
    if (row < 0) return;
    const column = rows[row]?.indexOf(event.target as HTMLElement) ?? 0;
    const to = move(event.key, { row, column }, rows.map((each) => each.length));
    if (!to) return;
    event.preventDefault();
    rows[to.row]?.[to.column]?.focus();
  };
  const place = (box: HTMLElement | null) => {
    const frame = box?.parentElement?.getBoundingClientRect();
    if (!box || !frame || !reason) return;
    const at = reason.of.getBoundingClientRect();
    box.style.insetBlockStart = `${at.bottom - frame.top + box.parentElement!.scrollTop + 4}px`;
    box.style.insetInlineStart = `${Math.max(4, Math.min(at.left - frame.left, frame.width - box.offsetWidth - 8)) + box.parentElement!.scrollLeft}px`;
  };
  return { reason, place, onFocus, onKeyDown, onShow: (event: SyntheticEvent) => show(cellOf(event)), hide: () => setReason(undefined) };
}
