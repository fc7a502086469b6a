import { notificationCancel, notificationExplain, notificationGet, notificationList, notificationResend } from "@api/sdk.gen";
import type { DeliveryView, ExplainInBody, ListedNotification, NotificationListData, PageOfListedNotification, ReportView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useWrite } from "@/components/ui";
import { pageSize, useWindow } from "@/lib/window";

export type Notification = ListedNotification;
export type Report = ReportView;
export type Delivery = DeliveryView;
export type Status = ListedNotification["status"];
export type Filter = NonNullable<NotificationListData["query"]>;

/** The notifications that the filter selects, newest first. */
export function useNotifications(filter: Filter) {
  return useWindow<Notification, PageOfListedNotification>(["notification", "list", filter], async (cursor, signal) => (await notificationList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

/** Whether something of the notification is still to come. */
export const open = (status: Status) => status === "pending" || status === "scheduled";

/** How long until the report is read again, the more often it was: 2 s at first, 15 s at last. */
export const pause = (reads: number) => Math.min(2000 * 1.5 ** Math.max(0, reads - 1), 15_000);

/** What became of a notification; read again by itself while something is to come. */
export function useReport(id: string) {
  return useQuery({
    queryKey: ["notification", "one", id],
    queryFn: async ({ signal }) => (await notificationGet({ path: { id }, signal })).data,
    refetchInterval: ({ state }) => (state.data && open(state.data.status) ? pause(state.dataUpdateCount) : false),
  });
}

function useReread() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ["notification"] });
}

export function useCancel(done: () => void) {
  const reread = useReread();
  return useWrite({ send: (id: string, { headers }) => notificationCancel({ path: { id }, headers }), done: () => (done(), reread()) });
}

export function useResend(done: (deliveries: number) => void) {
  const reread = useReread();
  return useWrite({
    send: (id: string, { headers }) => notificationResend({ path: { id }, headers }),
    done: ({ data }) => {
      done(data.deliveries.length);
      reread();
    },
  });
}

/** Who would get such a notification now, and why not; it sends nothing. */
export function useExplanation(ask: ExplainInBody, enabled: boolean) {
  return useQuery({ queryKey: ["notification", "explain", ask], enabled, staleTime: 0, queryFn: async () => (await notificationExplain({ body: ask })).data });
}
