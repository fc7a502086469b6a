import { accountContact, accountContactUpdate, invitationConfirmCode, invitationResend, myContactGet, myContactSetUnsubscribed, myContactUnsubscribed, myContactUpdate, myInvitationConfirmCode, myInvitationResend } from "@api/sdk.gen";
import type { ContactBody, ContactDetail, InvitedView, UnsubscribedBody } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Sending, useEdit, useForm, useWrite } from "@/components/ui";
import { Problem } from "@/lib/client";

export type Contact = ContactDetail;
export type Address = InvitedView;

/** Whose details: the reader's own, or the account's. */
export type Whose = "me" | "account";

const operations = {
  me: { get: myContactGet, can: "my_contact.update" },
  account: { get: accountContact, can: "account.contact_update" },
} as const;

export const actionOf = (whose: Whose) => operations[whose].can;

async function read(whose: Whose, signal?: AbortSignal): Promise<Contact | null> {
  try {
    return (await operations[whose].get({ signal })).data;
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 404) return null;
    throw thrown;
  }
}

/** The details; null for somebody who gave none yet. Addresses that wait for a proof are read again by themselves. */
export function useDetails(whose: Whose) {
  return useQuery({
    queryKey: ["contact", "own", whose],
    queryFn: ({ signal }) => read(whose, signal),
    refetchInterval: ({ state }) => (state.data?.addresses.some((each) => each.state === "pending") ? 5000 : false),
  });
}

/** What is edited; empty texts follow the account. */
export interface Values {
  name: string;
  language: "" | "zh-CN" | "en-US";
  time_zone: string;
  addresses: { channel: string; value: string }[];
}

/** The details as the form holds them; addresses on their way out are not among them. */
export function valuesOf(contact: Contact | null): Values {
  return {
    name: contact?.name ?? "",
    language: (contact?.language ?? "") as Values["language"],
    time_zone: contact?.time_zone ?? "",
    addresses: (contact?.addresses ?? []).filter((each) => !each.leaving).map(({ channel, value }) => ({ channel, value })),
  };
}

/** What goes out: lines without an address are left out, what follows the account, too. */
export function bodyOf({ language, time_zone, name, addresses }: Values): ContactBody {
  return { name: name.trim(), addresses: addresses.filter((each) => each.value.trim()), ...(language && { language }), ...(time_zone && { time_zone }) };
}

/** What one edits: details that may not be there yet, which then have no version. */
const versioned = (contact: Contact | null) => ({ version: contact?.version ?? 0, contact });

export function useDetailsForm(whose: Whose, contact: Contact | null, done: () => void) {
  const client = useQueryClient();
  return useEdit({
    current: versioned(contact),
    values: (of) => valuesOf(of.contact),
    send: (_change: Partial<Values>, { headers: { "If-Match": version, ...key }, query }: Sending, all): Promise<unknown> => {
      const headers = contact && version ? { ...key, "If-Match": version } : key;
      return whose === "me" ? myContactUpdate({ body: bodyOf(all), headers, query }) : accountContactUpdate({ body: bodyOf(all), headers });
    },
    read: async () => versioned(await read(whose)),
    done: () => void client.invalidateQueries({ queryKey: ["contact"] }).then(done),
  });
}

function useReread(done: () => void) {
  const client = useQueryClient();
  return () => {
    done();
    void client.invalidateQueries({ queryKey: ["contact"] });
  };
}

/** The proof of an address: of the own one, or of one that stands in the contact. */
export function useCode(whose: Whose, contact: string, address: string, done: () => void) {
  const reread = useReread(done);
  return useForm({
    initial: { code: "" },
    send: (body, { headers }) => (whose === "me" ? myInvitationConfirmCode({ path: { address }, body, headers }) : invitationConfirmCode({ path: { id: contact, address }, body, headers })),
    done: reread,
  });
}

export function useSendAgain(whose: Whose, contact: string, done: () => void) {
  const reread = useReread(done);
  return useWrite({ send: (address: string, { headers }) => (whose === "me" ? myInvitationResend({ path: { address }, headers }) : invitationResend({ path: { id: contact, address }, headers })), done: reread });
}

export function useUnsubscribed(enabled: boolean) {
  return useQuery({ queryKey: ["contact", "unsubscribed"], enabled, queryFn: async ({ signal }) => (await myContactUnsubscribed({ signal })).data });
}

export function useSetUnsubscribed() {
  const reread = useReread(() => undefined);
  return useWrite({ send: (body: UnsubscribedBody, { headers }) => myContactSetUnsubscribed({ body, headers }), done: reread });
}
