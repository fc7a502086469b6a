import { useState } from "react";
import { pageSize, type Windowed } from "@/lib/window";
import type { Message } from "../api.ts";

type MessagePage = { items: Message[]; next_cursor: string; up_to: number };

/**
 * Keeps what is read where it is: messages that came after the list was opened wait until the
 * reader asks for them. The bound is what operations on all messages send along.
 */
export function useFresh(list: Windowed<Message, MessagePage>, key: string) {
  const [seen, setSeen] = useState<{ key: string; upTo: number }>();
  const newest = list.first?.up_to;
  if (newest !== undefined && seen?.key !== key) setSeen({ key, upTo: newest });
  const upTo = seen?.key === key ? seen.upTo : newest;
  // Where nothing was read yet, or a whole page is new, waiting helps nobody; and rows that are
  // hidden by the page would be read for ever to find some that are not.
  const head = list.rows.slice(0, pageSize);
  if (upTo !== undefined && newest !== undefined && newest > upTo && list.before === 0 && head.every((message) => message.seq > upTo)) setSeen({ key, upTo: newest });
  const shown = upTo === undefined ? list.rows : list.rows.filter((message) => message.seq <= upTo);
  return {
    list: { ...list, rows: shown } as typeof list,
    upTo,
    waiting: list.rows.length - shown.length,
    show: () => newest !== undefined && setSeen({ key, upTo: newest }),
  };
}
