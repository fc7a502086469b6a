import { accountList, userContactGet, userContactList, userContactUpdate, userContactWaive } from "@api/sdk.gen";
import type { AccountView, AddressIn, ContactBody, ContactDetail, PageOfUserContactView, UserContactListData, UserContactView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEdit, useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { Problem } from "@/lib/client";
import { pageSize, useWindow } from "@/lib/window";

export type Recipient = UserContactView;
export type Address = Recipient["addresses"][number];
export type Filter = NonNullable<UserContactListData["query"]>;

/** States of an address that an operator can vouch for. */
const waiting = ["pending", "expired", "failed"];
export const waivable = (of: Recipient) => of.addresses.filter((each) => waiting.includes(each.state) && !each.leaving);

export function useRecipients(filter: Filter) {
  return useWindow<Recipient, PageOfUserContactView>(["user_contact", "list", filter], async (cursor, signal) => (await userContactList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

/** The first accounts, to choose from. */
export function useAccountChoices(): AccountView[] {
  const can = useCan();
  return useQuery({ queryKey: ["account", "choices"], enabled: can("account.list"), queryFn: async ({ signal }) => (await accountList({ query: { limit: 100 }, signal })).data.items }).data ?? [];
}

function useReread(then: () => void) {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["user_contact"] });
    then();
  };
}

/** Vouches for addresses: nobody is asked to prove them any more. */
export function useWaive(then: () => void) {
  const done = useReread(then);
  return useWrite({ send: ({ account, contact, addresses }: { account: string; contact: string; addresses: string[] }, { headers }) => userContactWaive({ path: { id: account, contact_id: contact }, body: { address_ids: addresses }, headers }), done });
}

/** A user of an account. */
export interface Who {
  account: string;
  user: string;
}

async function read({ account, user }: Who, signal?: AbortSignal): Promise<ContactDetail | null> {
  try {
    return (await userContactGet({ path: { id: account, user_id: user }, signal })).data;
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 404) return null;
    throw thrown;
  }
}

/** The contact details of a user; null for one who has none yet. */
export const useDetails = (who: Who) => useQuery({ queryKey: ["user_contact", "one", who.account, who.user], queryFn: ({ signal }) => read(who, signal) });

export interface Values {
  name: string;
  addresses: AddressIn[];
}

const versioned = (contact: ContactDetail | null) => ({ version: contact?.version ?? 0, contact });
const valuesOf = (contact: ContactDetail | null): Values => ({ name: contact?.name ?? "", addresses: (contact?.addresses ?? []).filter((each) => !each.leaving).map(({ channel, value }) => ({ channel, value })) });

/** What goes out: what the form does not show stays as it is. */
function bodyOf({ name, addresses }: Values, contact: ContactDetail | null): ContactBody {
  const { language, time_zone } = contact ?? {};
  return { name: name.trim(), addresses: addresses.filter((each) => each.value.trim()), ...(language && { language: language as "en-US" }), ...(time_zone && { time_zone }) };
}

export function useDetailsForm(who: Who, contact: ContactDetail | null, then: () => void) {
  const done = useReread(then);
  return useEdit({
    current: versioned(contact),
    values: (of) => valuesOf(of.contact),
    send: (_change, { headers: { "If-Match": version, ...key }, query }, all): Promise<unknown> =>
      userContactUpdate({ path: { id: who.account, user_id: who.user }, body: bodyOf(all, contact), query, headers: contact && version ? { ...key, "If-Match": version } : key }),
    read: async () => versioned(await read(who)),
    done,
  });
}
