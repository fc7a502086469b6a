import {
  messageCounts, messageDelete, messageDeleteAll, messageGet, messageList, messageRead, messageReadAll,
  myMessageCounts, myMessageDelete, myMessageDeleteAll, myMessageGet, myMessageList, myMessageRead, myMessageReadAll,
} from "@api/sdk.gen";
import type { MessageFilter, MessagePage, MessageView } from "@api/types.gen";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useWrite } from "@/components/ui";
import { newKey } from "@/lib/client";
import { pageSize, useWindow } from "@/lib/window";

export type Message = MessageView;

/** The two inboxes: the account's, and the own one. They differ in their operations only. */
export type Box = "message" | "my_message";

const operations = {
  message: { list: messageList, counts: messageCounts, get: messageGet, read: messageRead, readAll: messageReadAll, remove: messageDelete, removeAll: messageDeleteAll },
  my_message: { list: myMessageList, counts: myMessageCounts, get: myMessageGet, read: myMessageRead, readAll: myMessageReadAll, remove: myMessageDelete, removeAll: myMessageDeleteAll },
} as const;

/** The messages that the filter selects, newest first. */
export function useMessages(box: Box, filter: MessageFilter) {
  return useWindow<Message, MessagePage>([box, "list", filter], async (cursor, signal) => (await operations[box].list({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

/** Numbers by category, and together. */
export function useCounts(box: Box) {
  return useQuery({ queryKey: [box, "counts"], queryFn: async ({ signal }) => (await operations[box].counts({ signal })).data });
}

/** How many messages the filter selects, up to the bound of what was seen. */
export function useSelected(box: Box, filter: MessageFilter, upTo: number | undefined) {
  return useQuery({
    queryKey: [box, "selected", filter, upTo],
    enabled: upTo !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await operations[box].counts({ query: { ...filter, up_to: upTo }, signal })).data,
  });
}

/** A message with its body; opening it marks it as read for those who may. */
export function useMessage(box: Box, id: string) {
  return useQuery({ queryKey: [box, "one", id], queryFn: async ({ signal }) => (await operations[box].get({ path: { id }, signal })).data });
}

/** Everything that was read of the inbox is read again. */
function useReread(box: Box) {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: [box] });
}

export function useMarkRead(box: Box) {
  const done = useReread(box);
  return useWrite({ send: (ids: string[], { headers }) => operations[box].read({ body: { ids }, headers }), done });
}

export function useRemove(box: Box, then: () => void) {
  const reread = useReread(box);
  return useWrite({
    send: (ids: string[], { headers }) => operations[box].remove({ body: { ids }, headers }),
    done: () => {
      then();
      reread();
    },
  });
}

/** What is done to all messages that a filter selects. */
export type Sweep = "readAll" | "removeAll";

/** Does it to all messages up to the bound, in as many requests as it takes; tells how many are done. */
export async function sweep(box: Box, what: Sweep, filter: MessageFilter, upTo: number, signal: AbortSignal, progress: (done: number) => void): Promise<void> {
  for (let total = 0, more = true; more && !signal.aborted; ) {
    const { data } = await operations[box][what]({ body: { up_to: upTo, filter }, headers: { "Idempotency-Key": newKey() } });
    total += data.changed;
    more = data.more;
    progress(total);
  }
}
