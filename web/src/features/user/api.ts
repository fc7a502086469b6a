import { grantCreate, grantDelete, grantList, userCreate, userDelete, userGet, userList, userUpdate } from "@api/sdk.gen";
import type { CreateGrantInBody, NamedGrant, PageOfUserView, UserView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useForm, useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { dayRange } from "@/lib/time";
import { pageSize, useWindow } from "@/lib/window";

export type User = UserView;
export type Grant = NamedGrant;
export type Role = CreateGrantInBody["role"];

/** The roles that a grant gives; fewer rights first. */
export const roles: readonly Role[] = ["MessageCenterReadOnly", "MessageCenterFullAccess"];

export function useUsers() {
  return useWindow<User, PageOfUserView>(["user", "list"], async (cursor, signal) => (await userList({ query: { limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

export function useUser(id: string) {
  return useQuery({ queryKey: ["user", "one", id], queryFn: async ({ signal }) => (await userGet({ path: { id }, signal })).data });
}

/** The grants of a user, or those of everybody for the list. */
export function useGrants(user = "") {
  const can = useCan();
  return useQuery({
    queryKey: ["grant", "list", user],
    enabled: can("grant.list"),
    queryFn: async ({ signal }) => {
      const all: Grant[] = [];
      for (let cursor = ""; ; ) {
        const { data } = await grantList({ query: { limit: 100, ...(user && { user_id: user }), ...(cursor && { cursor }) }, signal });
        all.push(...data.items);
        cursor = data.next_cursor;
        if (!cursor) return all;
      }
    },
  });
}

/** Grants that count at the instant. */
export const counting = (grants: readonly Grant[], now: Date) => grants.filter((each) => !each.expires_at || Date.parse(each.expires_at) > now.getTime());

function useReread(done: () => void) {
  const client = useQueryClient();
  return () => {
    done();
    for (const noun of ["user", "grant", "session", "access_key"]) void client.invalidateQueries({ queryKey: [noun] });
  };
}

export function useNewUser(done: (id: string) => void) {
  const client = useQueryClient();
  return useForm({
    initial: { name: "", display_name: "", password: "" },
    send: ({ display_name, ...body }, { headers }) => userCreate({ body: { ...body, ...(display_name && { display_name }) }, headers }),
    done: ({ data }) => {
      void client.invalidateQueries({ queryKey: ["user"] });
      done(data.id);
    },
  });
}

/** Switches a user on or off; off may leave behind what the user made, and asks. */
export function useSwitchUser(user: User) {
  const reread = useReread(() => undefined);
  return useWrite({ version: user.version, send: (enabled: boolean, { headers, query }) => userUpdate({ path: { id: user.id }, body: { enabled }, headers, query }), done: reread });
}

export function usePassword(user: User, done: () => void) {
  const reread = useReread(done);
  return useForm({ initial: { password: "" }, version: user.version, send: (body, { headers, query }) => userUpdate({ path: { id: user.id }, body, headers, query }), done: reread });
}

export function useDeleteUser(done: () => void) {
  const reread = useReread(done);
  return useWrite({ send: (id: string, { headers, query }) => userDelete({ path: { id }, headers, query }), done: reread });
}

/** What goes out for a grant: it ends with the day that was chosen. */
export function bodyOf(user: string, { role, until }: { role: Role; until: string }, zone: string): CreateGrantInBody {
  const { to } = dayRange("", until, zone);
  return { user_id: user, role, ...(to && { expires_at: to }) };
}

export function useNewGrant(user: string, zone: string) {
  const reread = useReread(() => undefined);
  return useForm({ initial: { role: roles[0] as Role, until: "" }, send: (values, { headers }) => grantCreate({ body: bodyOf(user, values, zone), headers }), done: reread });
}

export function useEndGrant() {
  const reread = useReread(() => undefined);
  return useWrite({ send: (id: string, { headers, query }) => grantDelete({ path: { id }, headers, query }), done: reread });
}
