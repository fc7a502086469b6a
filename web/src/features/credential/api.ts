import { accessKeyCreate, accessKeyDelete, accessKeyList, accessKeyRotate, productKeyCreate, productKeyDelete, productKeyList, productKeyRotate, sessionDelete, sessionList, userKeyDelete, userKeyList, userSessionDelete, userSessionList } from "@api/sdk.gen";
import type { KeyView, NewKeyBody, PageOfKeyView, PageOfSessionView, SessionView } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { useForm, useWrite } from "@/components/ui";
import { dayRange } from "@/lib/time";
import { pageSize, useWindow } from "@/lib/window";

export type Session = SessionView;
export type Key = KeyView;

/** Whose sessions and keys: a user's or a product's by id, or "" for the own ones. Products have keys only. */
export type Whose = string;

/** Ids of products begin with it. */
const isProduct = (whose: Whose) => whose.startsWith("prd_");

/** The operations on keys: the owner's, or those on the keys of somebody else. */
export function actionsOn(whose: Whose): Record<"create" | "rotate" | "delete", string> {
  const noun = isProduct(whose) ? "product_key" : "access_key";
  return { create: `${noun}.create`, rotate: `${noun}.rotate`, delete: whose && !isProduct(whose) ? "user_key.delete" : `${noun}.delete` };
}

/** Whether keys may be made and rotated here: by their owner, and by operators for products. */
export const makes = (whose: Whose) => whose === "" || isProduct(whose);

export function useSessions(whose: Whose) {
  return useWindow<Session, PageOfSessionView>(["session", "list", whose], async (cursor, signal) => {
    const query = { limit: pageSize, ...(cursor && { cursor }) };
    return (whose ? await userSessionList({ path: { id: whose }, query, signal }) : await sessionList({ query, signal })).data;
  });
}

export function useKeys(whose: Whose) {
  return useWindow<Key, PageOfKeyView>(["access_key", "list", whose], async (cursor, signal) => {
    const query = { limit: pageSize, ...(cursor && { cursor }) };
    if (isProduct(whose)) return (await productKeyList({ path: { id: whose }, query, signal })).data;
    return (whose ? await userKeyList({ path: { id: whose }, query, signal }) : await accessKeyList({ query, signal })).data;
  });
}

function useReread(noun: string, done: () => void) {
  const client = useQueryClient();
  return () => {
    done();
    void client.invalidateQueries({ queryKey: [noun] });
  };
}

export function useEndSession(whose: Whose, done: () => void) {
  const reread = useReread("session", done);
  return useWrite({ send: (id: string, { headers }) => (whose ? userSessionDelete({ path: { id: whose, session: id }, headers }) : sessionDelete({ path: { id }, headers })), done: reread });
}

export function useDeleteKey(whose: Whose, done: () => void) {
  const reread = useReread("access_key", done);
  return useWrite({
    send: (id: string, { headers }) => {
      if (isProduct(whose)) return productKeyDelete({ path: { id: whose, key: id }, headers });
      return whose ? userKeyDelete({ path: { id: whose, key: id }, headers }) : accessKeyDelete({ path: { id }, headers });
    },
    done: reread,
  });
}

export function useRotateKey(whose: Whose, done: (key: string) => void) {
  const reread = useReread("access_key", () => undefined);
  return useWrite({
    send: (id: string, { headers }) => (isProduct(whose) ? productKeyRotate({ path: { id: whose, key: id }, headers }) : accessKeyRotate({ path: { id }, headers })),
    done: ({ data }) => (done(data.key), reread()),
  });
}

/** What goes out for a new key: it ends with the day that was chosen. */
export function bodyOf({ name, until }: { name: string; until: string }, zone: string): NewKeyBody {
  const { to } = dayRange("", until, zone);
  return { name, ...(to && { expires_at: to }) };
}

export function useNewKey(whose: Whose, zone: string, done: (key: string) => void) {
  const reread = useReread("access_key", () => undefined);
  return useForm({
    initial: { name: "", until: "" },
    send: (values, { headers }) => {
      const body = bodyOf(values, zone);
      return isProduct(whose) ? productKeyCreate({ path: { id: whose }, body, headers }) : accessKeyCreate({ body, headers });
    },
    done: ({ data }) => (done(data.key), reread()),
  });
}
