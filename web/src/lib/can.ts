import { profileGet } from "@api/sdk.gen";
import type { ProfileOutBody } from "@api/types.gen";
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

export type Profile = ProfileOutBody;

/** Who is signed in and what they may do: the only source of rights in the console. */
export const profileQuery = queryOptions({
  queryKey: ["profile"],
  queryFn: async ({ signal }) => (await profileGet({ signal })).data,
  refetchOnWindowFocus: "always",
});

/** Who is signed in. Pages of the shell only: it is read before they show. */
export function useProfile(): Profile {
  return useSuspenseQuery(profileQuery).data;
}

/** Whether an operation may be called, by its id: can("contact.create"). Never decide by a role's name. */
export type Can = (action: string) => boolean;

export function useCan(): Can {
  const { data } = useQuery(profileQuery);
  const actions = useMemo(() => new Set(data?.actions), [data?.actions]);
  return useCallback((action: string) => actions.has(action), [actions]);
}
