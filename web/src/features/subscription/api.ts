import {
  botList, contactCreate, contactGroupList, contactList, coverageGet, notificationExplain, subscriptionDiff, subscriptionHistory, subscriptionList, subscriptionMarketing, subscriptionRevert,
  subscriptionUpdateMany,
} from "@api/sdk.gen";
import type { ChangeView, ChoiceChange, MatrixBody, PageOfChangeView, SubscriptionView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { problemOf } from "@/lib/client";
import { useWindow } from "@/lib/window";

export type Matrix = MatrixBody;
export type Row = SubscriptionView;
export type Cell = SubscriptionView["cells"][number];
export type Change = ChangeView;

/** The matrix: as it is, or as it was at an instant. */
export function useMatrix(asOf: string) {
  return useQuery({ queryKey: ["subscription", "matrix", asOf], queryFn: async ({ signal }) => (await subscriptionList({ query: asOf ? { as_of: asOf } : {}, signal })).data });
}

/** Which types reach nobody, or hang on one person. */
export function useCoverage() {
  const can = useCan();
  return useQuery({ queryKey: ["coverage"], enabled: can("coverage.get"), queryFn: async ({ signal }) => (await coverageGet({ signal })).data }).data;
}

/** What hangs on the matrix is read again. */
export function useReread() {
  const client = useQueryClient();
  return () => Promise.all(["subscription", "coverage", "explain"].map((noun) => client.invalidateQueries({ queryKey: [noun] })));
}

/** Whoever was overtaken (412) is told so when what is newer is here: the next save goes on top of it. */
function useOvertaken() {
  const reread = useReread();
  return async <Out,>(sending: Promise<Out>): Promise<Out> => {
    try {
      return await sending;
    } catch (thrown) {
      if (problemOf(thrown).status === 412) await reread();
      throw thrown;
    }
  };
}

/** Changes several rows, all or nothing, under the version that was read. */
export function useUpdate(version: number | undefined, then: () => void) {
  const reread = useReread();
  const overtaken = useOvertaken();
  return useWrite({
    version,
    send: (changes: ChoiceChange[], sent) => overtaken(subscriptionUpdateMany({ body: { changes }, ...sent })),
    done: () => {
      then();
      void reread();
    },
  });
}

export function useMarketing(version: number | undefined) {
  const done = useReread();
  const overtaken = useOvertaken();
  return useWrite({ version, send: (enabled: boolean, { headers }) => overtaken(subscriptionMarketing({ body: { enabled }, headers })), done: () => void done() });
}

/** What to go back to: a past time, or a version of the matrix. */
export type Past = { as_of: string } | { version: number };

export function useRevert(version: number | undefined, then: () => void) {
  const reread = useReread();
  const overtaken = useOvertaken();
  return useWrite({
    version,
    send: (body: Past, sent) => overtaken(subscriptionRevert({ body, ...sent })),
    done: () => {
      then();
      void reread();
    },
  });
}

export function useHistory(type: string) {
  return useWindow<ChangeView, PageOfChangeView>(["subscription", "history", type], async (cursor, signal) => (await subscriptionHistory({ query: { limit: 20, ...(type && { type }), ...(cursor && { cursor }) }, signal })).data);
}

export function useDifference(from: string, on: boolean) {
  return useQuery({ queryKey: ["subscription", "diff", from], enabled: on, queryFn: async ({ signal }) => (await subscriptionDiff({ query: { from, to: new Date().toISOString() }, signal })).data.items });
}

/** Who gets a type over what, and why not: decided by the code that sends. */
export function useExplanation(type: string) {
  const can = useCan();
  return useQuery({ queryKey: ["explain", type], enabled: can("notification.explain"), queryFn: async ({ signal }) => (await notificationExplain({ body: { type }, signal })).data });
}

interface Named {
  id: string;
  name: string;
  hint: string;
}

/** All pages of a list: the lists of an account are short. */
async function all<Item>(read: (cursor: string) => Promise<{ items: Item[]; next_cursor: string }>): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor = ""; ; ) {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.next_cursor;
    if (!cursor) return items;
  }
}

/** Whom one can choose: contacts, groups and bots. */
export function useChoices(kind: "contacts" | "groups" | "bots") {
  const can = useCan();
  const rights = { contacts: "contact.list", groups: "contact_group.list", bots: "bot.list" } as const;
  const nouns = { contacts: "contact", groups: "contact_group", bots: "bot" } as const;
  return useQuery({
    queryKey: [nouns[kind], "choices"],
    enabled: can(rights[kind]),
    queryFn: async ({ signal }): Promise<Named[]> => {
      const query = (cursor: string) => ({ query: { limit: 100, ...(cursor && { cursor }) }, signal });
      if (kind === "groups") return (await all(async (cursor) => (await contactGroupList(query(cursor))).data)).map((each) => ({ ...each, hint: String(each.members) }));
      if (kind === "bots") return (await all(async (cursor) => (await botList(query(cursor))).data)).map((each) => ({ ...each, hint: each.channel }));
      const people = await all(async (cursor) => (await contactList(query(cursor))).data);
      return people.filter((each) => each.kind !== "account").map((each) => ({ ...each, hint: each.addresses.map((address) => address.value).join(", ") }));
    },
  });
}

/** Adds a contact by name and addresses; at once it can be chosen. */
export function useQuickAdd(then: (id: string) => void) {
  const client = useQueryClient();
  return {
    send: async ({ name, email }: { name: string; email: string }, { headers }: { headers: { "Idempotency-Key": string } }) => (await contactCreate({ body: { name, addresses: [{ channel: "email", value: email }] }, headers })).data,
    done: async (contact: { id: string }) => {
      await client.invalidateQueries({ queryKey: ["contact"] });
      then(contact.id);
    },
  };
}
