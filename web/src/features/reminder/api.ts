import { reminderList } from "@api/sdk.gen";
import type { RecipientView, ReminderView } from "@api/types.gen";
import { useQuery } from "@tanstack/react-query";

export type Reminder = ReminderView;
export type Hearer = RecipientView;

/** What is known of the reminders up to an instant. */
export interface Forecast {
  items: Reminder[];
  /** Where the forecast ends early; undefined when it does not. */
  completeUntil: string | undefined;
}

/** How many pages of a hundred are read for one month. */
const most = 20;

/** The messages to come until the instant. The API begins with the next one, so all before it are read, too. */
export function useForecast(until: string) {
  return useQuery({
    queryKey: ["reminder", "until", until],
    queryFn: async ({ signal }): Promise<Forecast> => {
      const items: Reminder[] = [];
      let cursor = "";
      let completeUntil: string | undefined;
      for (let pages = 0; pages < most; pages++) {
        const { data } = await reminderList({ query: { limit: 100, until, ...(cursor && { cursor }) }, signal });
        items.push(...data.items);
        completeUntil = data.complete_until ?? undefined;
        cursor = data.next_cursor;
        if (!cursor) return { items, completeUntil };
      }
      return { items, completeUntil: items.at(-1)?.at };
    },
  });
}
