import { accessKeyCreate, accessKeyDelete, accessKeyList, accessKeyRotate, sessionDelete, sessionList, userKeyDelete, userKeyList, userSessionDelete, userSessionList } from "@api/sdk.gen";
import type { KeyView, NewKeyBody, PageOfKeyView, PageOfSessionView, SessionView } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { useForm, useWrite } from "@/components/ui";
import { dayRange } from "@/lib/time";
import { pageSize, useWindow } from "@/lib/window";

export type Session = SessionView;
export type Key = KeyView;

/** Whose sessions and keys: a user's by id, or "" for the own ones. */
export type Whose = string;

export function useSessions(whose: Whose) {
  return useWindow<Session, PageOfSessionView>(["session", "list", whose], async (cursor, signal) => {
    const query = { limit: pageSize, ...(cursor && { cursor }) };
    return (whose ? await userSessionList({ path: { id: whose }, query, signal }) : await sessionList({ query, signal })).data;
  });
}

export function useKeys(whose: Whose) {
  return useWindow<Key, PageOfKeyView>(["access_key", "list", whose], async (cursor, signal) => {
    const query = { limit: pageSize, ...(cursor && { cursor }) };
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
  return useWrite({ send: (id: string, { headers }) => (whose ? userKeyDelete({ path: { id: whose, key: id }, headers }) : accessKeyDelete({ path: { id }, headers })), done: reread });
}

export function useRotateKey(done: (key: string) => void) {
  const reread = useReread("access_key", () => undefined);
  return useWrite({ send: (id: string, { headers }) => accessKeyRotate({ path: { id }, headers }), done: ({ data }) => (done(data.key), reread()) });
}

/** What goes out for a new key: it ends with the day that was chosen. */
export function bodyOf({ name, until }: { name: string; until: string }, zone: string): NewKeyBody {
  const { to } = dayRange("", until, zone);
  return { name, ...(to && { expires_at: to }) };
}

export function useNewKey(zone: string, done: (key: string) => void) {
  const reread = useReread("access_key", () => undefined);
  return useForm({ initial: { name: "", until: "" }, send: (values, { headers }) => accessKeyCreate({ body: bodyOf(values, zone), headers }), done: ({ data }) => (done(data.key), reread()) });
}
