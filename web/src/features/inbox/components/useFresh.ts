import { useState } from "react";
import type { Windowed } from "@/lib/window";
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
  if (upTo !== undefined && newest !== undefined && newest > upTo && !list.rows.some((message) => message.seq <= upTo)) setSeen({ key, upTo: newest }); // nothing is read yet
  const shown = upTo === undefined ? list.rows : list.rows.filter((message) => message.seq <= upTo);
  return {
    list: { ...list, rows: shown } as typeof list,
    upTo,
    waiting: list.rows.length - shown.length,
    show: () => newest !== undefined && setSeen({ key, upTo: newest }),
  };
}
