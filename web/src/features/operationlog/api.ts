import { accountNameList, accountOperationGet, accountOperationList, operationGet, operationList, userList } from "@api/sdk.gen";
import type { OperationListData, OperationOutBody, OperationView, PageOfOperationView } from "@api/types.gen";
import { useQuery } from "@tanstack/react-query";
import { useCan } from "@/lib/can";
import { useWindow } from "@/lib/window";

export type Entry = OperationView;
export type Detail = OperationOutBody;
export type Filter = NonNullable<OperationListData["query"]>;

/** How many entries are shown at once. */
export const size = 20;

/** The entries of the own account, or of the account that an auditor looks at; new ones shift nothing. */
export function useEntries(account: string, filter: Filter) {
  return useWindow<Entry, PageOfOperationView>(
    ["operation", "list", account, filter],
    async (cursor, signal) => {
      const query = { ...filter, limit: size, ...(cursor && { cursor }) };
      return (account ? await accountOperationList({ path: { id: account }, query, signal }) : await operationList({ query, signal })).data;
    },
    true,
    { size, still: true },
  );
}

/** One entry with what was before and after; entries never change. */
export function useEntry(account: string, seq: string) {
  return useQuery({
    queryKey: ["operation", "one", account, seq],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (account ? await accountOperationGet({ path: { id: account, seq }, signal }) : await operationGet({ path: { seq }, signal })).data,
  });
}

/** The accounts whose id, alias or name begins so, for whoever may look at their logs. */
export function useAccountNames(q: string) {
  const can = useCan();
  const query = useQuery({
    queryKey: ["account_name", "list", q],
    enabled: can("account_name.list"),
    queryFn: async ({ signal }) => (await accountNameList({ query: { limit: 20, ...(q && { q }) }, signal })).data.items,
  });
  return query.data ?? [];
}

/** The users of the own account, to choose whose operations are shown. */
export function useActors() {
  const can = useCan();
  const query = useQuery({ queryKey: ["user", "list", "actors"], enabled: can("user.list"), queryFn: async ({ signal }) => (await userList({ query: { limit: 100 }, signal })).data.items });
  return query.data ?? [];
}
