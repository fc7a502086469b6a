import { siteGet } from "@api/sdk.gen";
import type { SiteView } from "@api/types.gen";
import { queryOptions, useQuery } from "@tanstack/react-query";

/** What the platform is called, how it looks, and what is spoken where nobody chose. */
export const siteQuery = queryOptions({
  queryKey: ["site"],
  staleTime: Infinity, // it changes with a restart only
  queryFn: async ({ signal }) => (await siteGet({ signal })).data,
});

const plain: SiteView["brand"] = { name: "Belfry", logo: "", color: "", dark_color: "", footer: "", support: "" };

/** The brand of the platform; Belfry's own until it is read. */
export const useBrand = () => useQuery(siteQuery).data?.brand ?? plain;
