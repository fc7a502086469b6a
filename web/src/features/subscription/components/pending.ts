import type { ChoiceChange } from "@api/types.gen";
import type { Cell, Row } from "../api.ts";

/** Ticks that are not saved yet: "service.bill/email" → ticked or not. */
export type Pending = ReadonlyMap<string, boolean>;

export const cellKey = (type: string, channel: string) => `${type}/${channel}`;

/** Whether a cell shows a tick: as pending, else as saved. */
export const tickedIn = (pending: Pending, row: Row, cell: Cell) => pending.get(cellKey(row.type, cell.channel)) ?? cell.ticked;

/** Whether the cell can be changed: unavailable ones may lose a tick, never get one. */
export const isFree = (row: Row, cell: Cell) => !row.strict && (cell.state === "free" || (cell.state === "unavailable" && cell.ticked));

/** Ticks or unticks a cell; a tick that is as saved is no change. */
export function withTick(pending: Pending, row: Row, cell: Cell, ticked: boolean): Pending {
  if (!isFree(row, cell)) return pending;
  const next = new Map(pending);
  const key = cellKey(row.type, cell.channel);
  if (ticked === cell.ticked) next.delete(key);
  else next.set(key, ticked);
  return next;
}

/** Ticks or unticks a channel in all rows, where it is free. */
export function withColumn(pending: Pending, rows: Row[], channel: string, ticked: boolean): Pending {
  return rows.reduce((now, row) => {
    const cell = row.cells.find((each) => each.channel === channel);
    return cell && cell.state === "free" ? withTick(now, row, cell, ticked) : now;
  }, pending);
}

/** How many of the free cells of a channel are ticked: all, some or none; undefined where none is free. */
export function columnState(pending: Pending, rows: Row[], channel: string): "all" | "some" | "none" | undefined {
  const cells = rows.flatMap((row) => row.cells.filter((cell) => cell.channel === channel && cell.state === "free" && !row.strict).map((cell) => tickedIn(pending, row, cell)));
  if (cells.length === 0) return undefined;
  const ticked = cells.filter(Boolean).length;
  return ticked === 0 ? "none" : ticked === cells.length ? "all" : "some";
}

/** What of the pending ticks still differs from the rows: others may have made the same change. */
export function settled(pending: Pending, rows: Row[]): Pending {
  return rows.reduce<Pending>((now, row) => row.cells.reduce((inner, cell) => {
    const wanted = pending.get(cellKey(row.type, cell.channel));
    return wanted === undefined ? inner : withTick(inner, row, cell, wanted);
  }, now), new Map());
}

/** The pending ticks as the API takes them: a change for each type. */
export function changesOf(pending: Pending): ChoiceChange[] {
  const byType = new Map<string, { tick: string[]; untick: string[] }>();
  for (const [key, ticked] of pending) {
    const [type = "", channel = ""] = key.split("/");
    const change = byType.get(type) ?? { tick: [], untick: [] };
    change[ticked ? "tick" : "untick"].push(channel);
    byType.set(type, change);
  }
  return [...byType].map(([type, { tick, untick }]) => ({ type, ...(tick.length > 0 && { tick }), ...(untick.length > 0 && { untick }) }));
}

/** The place that a key leads to in a grid whose rows have these lengths; undefined for other keys. */
export function move(key: string, at: { row: number; column: number }, lengths: number[]): { row: number; column: number } | undefined {
  const last = (row: number) => (lengths[row] ?? 1) - 1;
  const clamp = (row: number, column: number) => ({ row, column: Math.max(0, Math.min(column, last(row))) });
  switch (key) {
    case "ArrowRight": return clamp(at.row, at.column + 1);
    case "ArrowLeft": return clamp(at.row, at.column - 1);
    case "ArrowDown": return clamp(Math.min(at.row + 1, lengths.length - 1), at.column);
    case "ArrowUp": return clamp(Math.max(at.row - 1, 0), at.column);
    case "Home": return clamp(at.row, 0);
    case "End": return clamp(at.row, last(at.row));
    default: return undefined;
  }
}
