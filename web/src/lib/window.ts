import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";

/** A page of a list, as every list of the API answers. */
export interface Page<Row> {
  items: Row[];
  next_cursor: string;
}

interface Place {
  index: number;
  cursor: string;
}

/** How many rows a page has, and how many pages stay in memory. */
export const pageSize = 50;
const kept = 6;

/** A list read page by page: a window of rows, and how to move it. */
export interface Windowed<Row, P extends Page<Row>> {
  /** The rows in memory, in the order of the list. */
  rows: Row[];
  /** How many rows of the list come before them: they were read and let go. */
  before: number;
  /** The first page as it was read last; what a list says beside its rows stands there. */
  first: P | undefined;
  hasMore: boolean;
  loadMore: () => void;
  loadBefore: () => void;
  loadingMore: boolean;
  pending: boolean;
  error: Error | null;
  retry: () => void;
}

/** How a list is read that differs from the others. */
interface Reading {
  /** How many rows a page has. */
  size?: number;
  /** Read anew only when asked to, so that new rows shift nothing. */
  still?: boolean;
}

/**
 * Reads a list by its cursors. At most six pages stay in memory; of the others only the
 * cursors, so that they can be read again.
 */
export function useWindow<Row, P extends Page<Row>>(key: QueryKey, read: (cursor: string, signal: AbortSignal) => Promise<P>, enabled = true, { size = pageSize, still = false }: Reading = {}): Windowed<Row, P> {
  const list = key.map((part) => JSON.stringify(part)).join();
  const memory = useRef({ list, cursors: [""], first: undefined as P | undefined });
  if (memory.current.list !== list) memory.current = { list, cursors: [""], first: undefined };
  const { cursors } = memory.current;
  const query = useInfiniteQuery({
    queryKey: key,
    enabled,
    initialPageParam: { index: 0, cursor: "" } as Place,
    queryFn: async ({ pageParam, signal }) => {
      const page = await read(pageParam.cursor, signal);
      cursors[pageParam.index + 1] = page.next_cursor;
      if (pageParam.index === 0) memory.current.first = page;
      return page;
    },
    getNextPageParam: (page, _pages, at) => (page.next_cursor === "" ? undefined : { index: at.index + 1, cursor: page.next_cursor }),
    getPreviousPageParam: (_page, _pages, at) => (at.index === 0 ? undefined : { index: at.index - 1, cursor: cursors[at.index - 1] ?? "" }),
    maxPages: kept,
    ...(still && { staleTime: Infinity, gcTime: 0, refetchOnReconnect: false }),
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const firstIndex = (query.data?.pageParams[0] as Place | undefined)?.index ?? 0;
  return {
    rows,
    before: firstIndex * size,
    first: firstIndex === 0 ? pages?.[0] : memory.current.first,
    hasMore: query.hasNextPage,
    loadMore: () => void (query.hasNextPage && !query.isFetchingNextPage && query.fetchNextPage()),
    loadBefore: () => void (query.hasPreviousPage && !query.isFetchingPreviousPage && query.fetchPreviousPage()),
    loadingMore: query.isFetchingNextPage,
    pending: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
  };
}
