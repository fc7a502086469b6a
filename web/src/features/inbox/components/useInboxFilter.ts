import type { MessageFilter } from "@api/types.gen";
import { useMemo } from "react";
import { anyText, day, useFilters, word } from "@/components/ui";
import { dayRange, useTime } from "@/lib/time";

const schema = { category: word, state: ["unread", "read"], type: word, from: day, to: day, q: anyText } as const;

/** The filter in the address, and as the API takes it. */
export function useInboxFilter() {
  const { filters, set, clear, any } = useFilters(schema);
  const { zone } = useTime();
  const { category, state, type, from, to, q } = filters;
  const filter = useMemo<MessageFilter>(
    () => ({
      ...(category && { category }),
      ...(type && { type }),
      ...(state && { state: state as "unread" | "read" }),
      ...(q && { q }),
      ...dayRange(from ?? "", to ?? "", zone),
    }),
    [category, type, state, q, from, to, zone],
  );
  return { filters, filter, set, clear, any };
}
