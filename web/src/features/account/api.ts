import { accountCreate, accountGet, accountList, accountResetRoot, accountUpdate } from "@api/sdk.gen";
import type { AccountDetail, AccountView, AddressIn, PageOfAccountView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Named, useEdit, useForm, useWrite } from "@/components/ui";
import { pageSize, useWindow } from "@/lib/window";

export type Account = AccountView;
export type Detail = AccountDetail;
type Spoken = "zh-CN" | "en-US";

export function useAccounts(filter: Named) {
  return useWindow<Account, PageOfAccountView>(["account", "list", filter], async (cursor, signal) => (await accountList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

const read = async (id: string, signal?: AbortSignal) => (await accountGet({ path: { id }, signal })).data;

export const useAccount = (id: string) => useQuery({ queryKey: ["account", "one", id], queryFn: ({ signal }) => read(id, signal) });

/** Letters and digits that nobody confuses, as long as nobody guesses. */
export function madePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const text = Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
  return text.match(/.{6}/g)?.join("-") ?? text;
}

export interface NewValues {
  alias: string;
  name: string;
  language: Spoken;
  time_zone: string;
  root: string;
  /** Of the root user; made before it is sent, so that a second try is the same request. */
  password: string;
  addresses: AddressIn[];
}

const filled = (addresses: AddressIn[]) => addresses.filter((each) => each.value.trim());

/** Makes an account and its root user, whose password is made here and shown once. */
export function useNewAccount(zone: string, language: Spoken, done: (account: Detail, password: string) => void) {
  const client = useQueryClient();
  return useForm({
    initial: { alias: "", name: "", language, time_zone: zone, root: "root", password: madePassword(), addresses: [{ channel: "email", value: "" }] } as NewValues,
    send: async ({ root, password, addresses, ...body }, { headers }) => (await accountCreate({ body: { ...body, addresses: filled(addresses), root: { name: root, password } }, headers })).data,
    done: (account, { password }) => {
      void client.invalidateQueries({ queryKey: ["account"] });
      done(account, password);
    },
  });
}

export interface Values {
  name: string;
  language: Spoken;
  time_zone: string;
  max_contacts: number;
  max_contact_groups: number;
  max_bots: number;
  enabled: boolean;
  addresses: AddressIn[];
}

/** What an operator changes of an account; addresses on their way out are not among them. */
export function valuesOf(of: Detail): Values {
  const { name, language, time_zone, max_contacts, max_contact_groups, max_bots, enabled, contact } = of;
  const addresses = contact.addresses.filter((each) => !each.leaving).map(({ channel, value }) => ({ channel, value }));
  return { name, language: language as Spoken, time_zone, max_contacts, max_contact_groups, max_bots, enabled, addresses };
}

export function useAccountForm(account: Detail, then: () => void) {
  const client = useQueryClient();
  return useEdit<Values, Detail>({
    current: account,
    values: valuesOf,
    send: ({ addresses, ...body }, { headers }) => accountUpdate({ path: { id: account.id }, body: { ...body, ...(addresses && { addresses: filled(addresses) }) }, headers }),
    read: () => read(account.id),
    done: () => {
      void client.invalidateQueries({ queryKey: ["user_contact"] });
      void client.invalidateQueries({ queryKey: ["account"] }).then(then);
    },
  });
}

/** Gives the root user another password, which is shown once. */
export function useResetRoot(id: string, done: (password: string) => void) {
  return useWrite({ send: (password: string, { headers }) => accountResetRoot({ path: { id }, body: { password }, headers }), done: (_, password) => done(password) });
}
