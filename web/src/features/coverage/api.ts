import { accountContact, botList, contactList, coverageGet, messageCounts, reminderList, subscriptionList, userList } from "@api/sdk.gen";
import type { CoverageView } from "@api/types.gen";
import { useQuery } from "@tanstack/react-query";
import { useCan } from "@/lib/can";

export type Coverage = CoverageView;

export const useCoverage = () => useQuery({ queryKey: ["coverage"], queryFn: async ({ signal }) => (await coverageGet({ signal })).data });

export function useUnread() {
  const can = useCan();
  return useQuery({ queryKey: ["message", "counts"], enabled: can("message.counts"), queryFn: async ({ signal }) => (await messageCounts({ signal })).data });
}

/** The reminders of the next seven days. */
export function useReminders() {
  const can = useCan();
  return useQuery({
    queryKey: ["reminder", "week"],
    enabled: can("reminder.list"),
    queryFn: async ({ signal }) => (await reminderList({ query: { limit: 20, until: new Date(Date.now() + 7 * 86_400_000).toISOString() }, signal })).data.items,
  });
}

/** Contacts with an address that nobody proved. */
export function useUnproven() {
  const can = useCan();
  return useQuery({
    queryKey: ["contact", "unproven"],
    enabled: can("contact.list"),
    queryFn: async ({ signal }) => {
      const states = ["pending", "failed", "expired"] as const;
      const pages = await Promise.all(states.map(async (state) => (await contactList({ query: { state, limit: 100 }, signal })).data.items));
      return [...new Map(pages.flat().map((each) => [each.id, each])).values()];
    },
  });
}

/** What a new account has done: counts of what there is, undefined where one may not see it. */
export interface Begun {
  accountReached?: boolean;
  contacts?: number;
  chosen?: number;
  bots?: number;
  users?: number;
}

/** How far the account is set up, read from what is there. */
export function useBegun() {
  const can = useCan();
  return useQuery({
    queryKey: ["contact", "begun"],
    queryFn: async ({ signal }): Promise<Begun> => {
      const when = async <T>(action: string, read: () => Promise<T>) => (can(action) ? read() : undefined);
      const [account, contacts, matrix, bots, users] = await Promise.all([
        when("account.contact", async () => (await accountContact({ signal })).data),
        when("contact.list", async () => (await contactList({ query: { limit: 2 }, signal })).data.items),
        when("subscription.list", async () => (await subscriptionList({ signal })).data.items),
        when("bot.list", async () => (await botList({ query: { limit: 1 }, signal })).data.items),
        when("user.list", async () => (await userList({ query: { limit: 2 }, signal })).data.items),
      ]);
      return {
        accountReached: account?.addresses.some((each) => each.state === "verified" || each.state === "waived"),
        contacts: contacts?.filter((each) => each.kind !== "account").length,
        chosen: matrix?.filter((row) => row.chosen).length,
        bots: bots?.length,
        users: users?.filter((each) => each.kind === "sub").length,
      };
    },
  });
}
