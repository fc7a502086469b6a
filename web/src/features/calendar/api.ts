import { calendarFeedCreate, calendarFeedDelete, calendarFeedList, calendarFeedRotate } from "@api/sdk.gen";
import type { NamedFeed, PageOfNamedFeed } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { useForm, useWrite } from "@/components/ui";
import { pageSize, useWindow } from "@/lib/window";

export type Feed = NamedFeed;

/** The calendars that read the reminders to come. */
export function useFeeds() {
  return useWindow<Feed, PageOfNamedFeed>(["calendar_feed", "list"], async (cursor, signal) => (await calendarFeedList({ query: { limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

function useReread() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ["calendar_feed"] });
}

export function useNewFeed(done: (url: string) => void) {
  const reread = useReread();
  return useForm({ initial: { name: "" }, send: (body, { headers }) => calendarFeedCreate({ body, headers }), done: ({ data }) => (done(data.url), reread()) });
}

export function useRotateFeed(done: (url: string) => void) {
  const reread = useReread();
  return useWrite({ send: (id: string, { headers }) => calendarFeedRotate({ path: { id }, headers }), done: ({ data }) => (done(data.url), reread()) });
}

export function useDeleteFeed(done: () => void) {
  const reread = useReread();
  return useWrite({ send: (id: string, { headers }) => calendarFeedDelete({ path: { id }, headers }), done: () => (done(), reread()) });
}
