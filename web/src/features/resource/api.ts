import { resourceGet, resourceList, resourceReminders } from "@api/sdk.gen";
import type { PageOfListedResource, ReminderView, ResourceDetail, ResourceListData, ListedResource, RungView } from "@api/types.gen";
import { useQuery } from "@tanstack/react-query";
import { useCan } from "@/lib/can";
import { pageSize, useWindow } from "@/lib/window";

export type Resource = ListedResource;
export type Detail = ResourceDetail;
export type Rung = RungView;
export type Coming = ReminderView;
export type State = ListedResource["state"];
export type Filter = NonNullable<ResourceListData["query"]>;

/** The resources that the filter selects. */
export function useResources(filter: Filter) {
  return useWindow<Resource, PageOfListedResource>(["resource", "list", filter], async (cursor, signal) => (await resourceList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

/** One resource, with its ladder and what was told of it. */
export const useResource = (id: string) => useQuery({ queryKey: ["resource", "one", id], queryFn: async ({ signal }) => (await resourceGet({ path: { id }, signal })).data });

/** The messages to come that tell of the resource. */
export function useComing(id: string) {
  const can = useCan();
  return useQuery({ queryKey: ["resource", "coming", id], enabled: can("resource.reminders"), queryFn: async ({ signal }) => (await resourceReminders({ path: { id }, signal })).data });
}
