import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Message } from "../api.ts";
import { useFresh } from "./useFresh.ts";

type List = Parameters<typeof useFresh>[0];

/** The list with messages of these seqs, newest first. */
function list(newest: number, oldest: number): List {
  const rows = Array.from({ length: newest - oldest + 1 }, (_, i) => ({ id: `msg_${newest - i}`, seq: newest - i }) as Message);
  return { rows, before: 0, first: { items: rows, next_cursor: "", up_to: newest }, hasMore: false, loadingMore: false, pending: false, error: null, loadMore() {}, loadBefore() {}, retry() {} };
}

const open = (first: List) => renderHook(({ of }) => useFresh(of, "all"), { initialProps: { of: first } });

test("what came after the list was opened waits until it is asked for", () => {
  const { result, rerender } = open(list(5, 1));
  rerender({ of: list(8, 1) });
  expect(result.current.waiting).toBe(3);
  expect(result.current.list.rows.map((row) => row.seq)).toEqual([5, 4, 3, 2, 1]);
  expect(result.current.upTo).toBe(5);
});

test("an empty list takes what comes at once", () => {
  const { result, rerender } = open(list(0, 1));
  rerender({ of: list(2, 1) });
  expect(result.current.waiting).toBe(0);
  expect(result.current.list.rows).toHaveLength(2);
});

test("a whole page of new messages does not hide the list behind pages that are never shown", () => {
  const { result, rerender } = open(list(5, 1));
  rerender({ of: list(400, 351) });
  expect(result.current.waiting).toBe(0);
  expect(result.current.list.rows).toHaveLength(50);
  expect(result.current.upTo).toBe(400);
});
