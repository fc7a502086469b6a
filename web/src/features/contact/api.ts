import {
  accountContact, accountContactUpdate, accountSelf, contactBatch, contactCreate, contactDelete, contactGet, contactList, contactPreferences, contactSetPreferences, contactUpdate,
  invitationConfirmCode, invitationResend, positionList, subscriptionList,
} from "@api/sdk.gen";
import type { AddressIn, BatchContactsInBody, ContactDetail, ContactResult, PageOfContactDetail } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useLanguage } from "@/lib/i18n";
import { pageSize, useWindow } from "@/lib/window";

export type Contact = ContactDetail;
export type Address = ContactDetail["addresses"][number];
export type AddressState = Address["state"];

export interface ContactFilter {
  q?: string;
  state?: AddressState;
  channel?: string;
  enabled?: "true" | "false";
}

/** The contacts that the filter selects, newest first. */
export function useContacts(filter: ContactFilter) {
  return useWindow<Contact, PageOfContactDetail>(["contact", "list", filter], async (cursor, signal) => (await contactList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

export const readContact = async (id: string, signal?: AbortSignal) => (await contactGet({ path: { id }, signal })).data;

export function useContact(id: string) {
  return useQuery({ queryKey: ["contact", "one", id], queryFn: ({ signal }) => readContact(id, signal) });
}

/** The account itself, as somebody who can be reached. */
export function useAccountContact() {
  const can = useCan();
  return useQuery({ queryKey: ["contact", "account"], enabled: can("account.contact"), queryFn: async ({ signal }) => (await accountContact({ signal })).data });
}

/** How many contacts the account may have. */
export function useLimit(): number | undefined {
  const can = useCan();
  return useQuery({ queryKey: ["account", "self"], enabled: can("account.self"), queryFn: async ({ signal }) => (await accountSelf({ signal })).data }).data?.max_contacts;
}

/** The positions to choose from, by their names. */
export function usePositions(): { value: string; label: string }[] {
  const can = useCan();
  const language = useLanguage();
  const { data } = useQuery({ queryKey: ["position", "list"], enabled: can("position.list"), staleTime: 300_000, queryFn: async ({ signal }) => (await positionList({ signal })).data.items });
  return (data ?? []).map((each) => ({ value: each.key, label: each.names[language] ?? each.key }));
}

/** What was read of contacts, and what names them, is read again. */
export function useReread() {
  const client = useQueryClient();
  return () => {
    for (const noun of ["contact", "contact_group", "subscription", "coverage"]) void client.invalidateQueries({ queryKey: [noun] });
  };
}

/** What a form of a contact holds. */
export interface ContactValues {
  name: string;
  position: string;
  language: string;
  time_zone: string;
  addresses: AddressIn[];
}

export const blank: ContactValues = { name: "", position: "", language: "", time_zone: "", addresses: [{ channel: "email", value: "" }] };

/** A contact as a form holds it; what is leaving goes by itself, and is not named again. */
export function valuesOf(contact: Contact): ContactValues {
  const { name, position, language, time_zone } = contact;
  return { name, position, language, time_zone, addresses: contact.addresses.filter((each) => !each.leaving).map(({ channel, value }) => ({ channel, value })) };
}

type Headers = { "Idempotency-Key": string; "If-Match"?: string };
interface Sent {
  headers: Headers;
  query: { confirm?: true };
}

const languageIn = (value: string) => (value || undefined) as "zh-CN" | "en-US" | undefined;

export const createContact = async ({ language, ...values }: ContactValues, { headers }: Sent) => (await contactCreate({ body: { ...values, language: languageIn(language) }, headers })).data;

export const updateContact = (id: string, { language, ...change }: Partial<ContactValues>, sent: Sent) =>
  contactUpdate({ path: { id }, body: { ...change, ...(language !== undefined && { language: languageIn(language) ?? null }) }, ...sent });

export const updateAccountContact = ({ name, language, time_zone, addresses }: ContactValues, { headers }: Sent) => accountContactUpdate({ body: { name, time_zone, addresses, language: languageIn(language) }, headers });

/** Switches a contact on or off. */
export function useEnable(contact: Contact) {
  const done = useReread();
  return useWrite({ send: (enabled: boolean, sent) => contactUpdate({ path: { id: contact.id }, body: { enabled }, ...sent }), version: contact.version, done });
}

export function useDelete(then: () => void) {
  const reread = useReread();
  return useWrite({
    send: (id: string, sent) => contactDelete({ path: { id }, ...sent }),
    done: () => {
      then();
      reread();
    },
  });
}

/** Does one thing to several contacts; each has a result of its own. */
export function useBatch(then: (results: ContactResult[]) => void) {
  const reread = useReread();
  return useWrite({
    send: async (body: BatchContactsInBody, sent) => (await contactBatch({ body, ...sent })).data.items,
    done: (items) => {
      then(items);
      reread();
    },
  });
}

export function useResend(contact: string, address: string) {
  const done = useReread();
  return useWrite({ send: (_: null, { headers }) => invitationResend({ path: { id: contact, address }, headers }), done });
}

export function useConfirm(contact: string, address: string, then: () => void) {
  const reread = useReread();
  return useWrite({
    send: (code: string, { headers }) => invitationConfirmCode({ path: { id: contact, address }, body: { code }, headers }),
    done: () => {
      then();
      reread();
    },
  });
}

export function usePreferences(id: string) {
  return useQuery({ queryKey: ["contact", "preferences", id], queryFn: ({ signal }) => readPreferences(id, signal) });
}

export const readPreferences = async (id: string, signal?: AbortSignal) => (await contactPreferences({ path: { id }, signal })).data;

export const setPreferences = contactSetPreferences;

/** The rows of the matrix. */
export function useMatrix() {
  const can = useCan();
  return useQuery({ queryKey: ["subscription", "matrix", ""], enabled: can("subscription.list"), queryFn: async ({ signal }) => (await subscriptionList({ signal })).data });
}
