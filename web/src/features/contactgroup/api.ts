import { accountSelf, contactGroupCreate, contactGroupDelete, contactGroupGet, contactGroupList, contactGroupMembers, contactGroupSetMembers, contactGroupUpdate, contactList } from "@api/sdk.gen";
import type { ContactDetail, GroupView, PageOfGroupView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { pageSize, useWindow } from "@/lib/window";

export type Group = GroupView;
export type Member = ContactDetail;

export function useGroups() {
  return useWindow<GroupView, PageOfGroupView>(["contact_group", "list"], async (cursor, signal) => (await contactGroupList({ query: { limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

export const readGroup = async (id: string, signal?: AbortSignal) => (await contactGroupGet({ path: { id }, signal })).data;

export const useGroup = (id: string) => useQuery({ queryKey: ["contact_group", "one", id], queryFn: ({ signal }) => readGroup(id, signal) });

export function useLimit(): number | undefined {
  const can = useCan();
  return useQuery({ queryKey: ["account", "self"], enabled: can("account.self"), queryFn: async ({ signal }) => (await accountSelf({ signal })).data }).data?.max_contact_groups;
}

/** Reads all pages: an account has few contacts. */
async function all(read: (cursor: string) => Promise<{ items: Member[]; next_cursor: string }>): Promise<Member[]> {
  const items: Member[] = [];
  for (let cursor = ""; ; ) {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.next_cursor;
    if (!cursor) return items;
  }
}

export function useMembers(id: string) {
  return useQuery({
    queryKey: ["contact_group", "members", id],
    queryFn: ({ signal }) => all(async (cursor) => (await contactGroupMembers({ path: { id }, query: { limit: 100, ...(cursor && { cursor }) }, signal })).data),
  });
}

/** The people of the account that a group may have. */
export function usePeople() {
  const can = useCan();
  return useQuery({
    queryKey: ["contact", "people"],
    enabled: can("contact.list"),
    queryFn: async ({ signal }) => (await all(async (cursor) => (await contactList({ query: { limit: 100, ...(cursor && { cursor }) }, signal })).data)).filter((each) => each.kind !== "account"),
  });
}

export function useReread() {
  const client = useQueryClient();
  return () => {
    for (const noun of ["contact_group", "contact", "subscription", "coverage", "explain"]) void client.invalidateQueries({ queryKey: [noun] });
  };
}

interface Sent {
  headers: { "Idempotency-Key": string; "If-Match"?: string };
}

export const createGroup = async (body: { name: string }, { headers }: Sent) => (await contactGroupCreate({ body, headers })).data;
export const renameGroup = (id: string, body: { name?: string }, { headers }: Sent) => contactGroupUpdate({ path: { id }, body, headers });

export function useSetMembers(group: Group, then: () => void) {
  const reread = useReread();
  return useWrite({
    version: group.version,
    send: (contact_ids: string[], sent) => contactGroupSetMembers({ path: { id: group.id }, body: { contact_ids }, ...sent }),
    done: () => {
      then();
      reread();
    },
  });
}

export function useDelete(then: () => void) {
  const reread = useReread();
  return useWrite({
    send: (id: string, sent) => contactGroupDelete({ path: { id }, ...sent }),
    done: () => {
      then();
      reread();
    },
  });
}
