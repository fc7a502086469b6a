import { providerCreate, providerDelete, providerGet, providerList, providerResume, providerTest, providerUpdate } from "@api/sdk.gen";
import type { ChannelView, ProviderView, TrialView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { changedBody, describedBody, type DescribedValues, describedValues, useEdit, useForm, useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { moves } from "./components/order.ts";

export type Provider = ProviderView;
export type Trial = TrialView;

/** All providers, in the order in which each channel tries them. */
export function useProviders() {
  const can = useCan();
  return useQuery({
    queryKey: ["provider", "list"],
    enabled: can("provider.list"),
    refetchInterval: 30_000,
    queryFn: async ({ signal }) => {
      const all: Provider[] = [];
      for (let cursor = ""; ; ) {
        const { data } = await providerList({ query: { limit: 100, ...(cursor && { cursor }) }, signal });
        all.push(...data.items);
        cursor = data.next_cursor;
        if (!cursor) return all;
      }
    },
  });
}

const read = async (id: string, signal?: AbortSignal) => (await providerGet({ path: { id }, signal })).data;

export const useProvider = (id: string) => useQuery({ queryKey: ["provider", "one", id], queryFn: ({ signal }) => read(id, signal) });

/** What a provider changes: itself, and which channels there are. */
function useReread() {
  const client = useQueryClient();
  return async () => {
    await Promise.all(["provider", "channel"].map((noun) => client.invalidateQueries({ queryKey: [noun] })));
  };
}

/** Moves a provider up or down among those of its channel. */
export function useMove() {
  const reread = useReread();
  return useWrite({
    send: async ({ of, from, to }: { of: Provider[]; from: number; to: number }) => {
      for (const { id, version, position } of moves(of, from, to)) await providerUpdate({ path: { id }, body: { position }, headers: { "If-Match": `"${version}"` } });
    },
    done: () => void reread(),
  });
}

export function useResume(id: string) {
  const reread = useReread();
  return useWrite({ send: (_: null, { headers }) => providerResume({ path: { id }, headers }), done: () => void reread() });
}

export function useEnable(provider: Provider) {
  const reread = useReread();
  return useWrite({ version: provider.version, send: (enabled: boolean, { headers }) => providerUpdate({ path: { id: provider.id }, body: { enabled }, headers }), done: () => void reread() });
}

export function useDelete(then: () => void) {
  const reread = useReread();
  return useWrite({ send: (id: string, { headers }) => providerDelete({ path: { id }, headers }), done: () => (then(), void reread()) });
}

/** Sends a test; the answer is the provider's own. */
export function useTrial(id: string, done: (trial: Trial) => void) {
  return useForm({ initial: { to: "" }, send: async (body, { headers }) => (await providerTest({ path: { id }, body, headers })).data, done });
}

export function useNewProvider(channel: ChannelView, then: (id: string) => void) {
  const reread = useReread();
  return useForm<DescribedValues, Provider>({
    initial: describedValues(channel.provider_fields),
    send: async (values, { headers }) => (await providerCreate({ body: { kind: channel.kind, ...describedBody(values, channel.provider_fields, true) }, headers })).data,
    done: ({ id }) => {
      void reread();
      then(id);
    },
  });
}

export function useProviderForm(provider: Provider, channel: ChannelView, then: () => void) {
  const reread = useReread();
  const fields = channel.provider_fields;
  return useEdit<DescribedValues, Provider>({
    current: provider,
    values: (of) => describedValues(fields, of),
    send: (change, { headers }, all) => providerUpdate({ path: { id: provider.id }, body: changedBody(describedBody(all, fields, false), change), headers }),
    read: () => read(provider.id),
    done: () => void reread().then(then),
  });
}
