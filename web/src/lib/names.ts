import { accountNameList, categoryList, channelList, messageTypeList } from "@api/sdk.gen";
import type { CategoryView, ChannelView, MessageTypeSummary } from "@api/types.gen";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCan } from "./can.ts";
import { useLanguage } from "./i18n.ts";

const long = 5 * 60_000;

export const categoriesQuery = queryOptions({
  queryKey: ["category", "list"],
  staleTime: long,
  queryFn: async ({ signal }) => (await categoryList({ signal })).data.items.toSorted((a, b) => a.position - b.position),
});

export const channelsQuery = queryOptions({
  queryKey: ["channel", "list"],
  staleTime: long,
  queryFn: async ({ signal }) => (await channelList({ signal })).data.items,
});

export const typesQuery = queryOptions({
  queryKey: ["message_type", "list"],
  staleTime: long,
  queryFn: async ({ signal }) => {
    const all: MessageTypeSummary[] = [];
    for (let cursor = ""; ; ) {
      const { data } = await messageTypeList({ query: { limit: 100, ...(cursor && { cursor }) }, signal });
      all.push(...data.items);
      cursor = data.next_cursor;
      if (!cursor) return all.toSorted((a, b) => a.key.localeCompare(b.key));
    }
  },
});

/** What people call a channel that several adapters serve; the labels of the API name the adapters. */
const served: Partial<Record<string, Record<string, string>>> = { email: { "zh-CN": "邮件", "en-US": "E-mail" }, sms: { "zh-CN": "短信", "en-US": "SMS" } };

/** The names of what the API names: categories, message types, channels. A key that has none stands for itself. */
export interface Names {
  categories: CategoryView[];
  types: MessageTypeSummary[];
  channels: ChannelView[];
  category: (key: string) => string;
  type: (key: string) => string;
  channel: (key: string) => string;
}

/** Names in the language of the reader; empty lists while they are read, or where one may not. */
export function useNames(): Names {
  const can = useCan();
  const language = useLanguage();
  const categories = useQuery({ ...categoriesQuery, enabled: can("category.list") }).data ?? [];
  const types = useQuery({ ...typesQuery, enabled: can("message_type.list") }).data ?? [];
  const channels = useQuery({ ...channelsQuery, enabled: can("channel.list") }).data ?? [];
  const of = (names: Record<string, string> | undefined, key: string) => names?.[language] ?? names?.["en-US"] ?? key;
  return {
    categories,
    types,
    channels,
    category: (key) => of(categories.find((each) => each.key === key)?.names, key),
    type: (key) => of(types.find((each) => each.key === key)?.names, key),
    channel: (key) => of(served[key] ?? channels.find((each) => each.channel === key)?.labels, key),
  };
}

/** What an account is called, by its id or alias; undefined while it is read, or where one may not. */
export function useAccountName(account: string): string | undefined {
  const can = useCan();
  return useQuery({
    queryKey: ["account_name", "one", account],
    enabled: account !== "" && can("account_name.list"),
    staleTime: long,
    queryFn: async ({ signal }) => (await accountNameList({ query: { q: account, limit: 1 }, signal })).data.items[0]?.name ?? account,
  }).data;
}
