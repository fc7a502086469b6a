import { accountSelf, botCreate, botDelete, botGet, botList, botPreferences, botResume, botRotateSecret, botSetPreferences, botTest, botUpdate, subscriptionList } from "@api/sdk.gen";
import type { BotOutBody, BotView, FieldView, PageOfBotView, TrialView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import { pageSize, useWindow } from "@/lib/window";

export type Bot = BotView;
export type BotField = FieldView;
export type Trial = TrialView;

export function useBots() {
  return useWindow<BotView, PageOfBotView>(["bot", "list"], async (cursor, signal) => (await botList({ query: { limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

export const readBot = async (id: string, signal?: AbortSignal) => (await botGet({ path: { id }, signal })).data;

export const useBot = (id: string) => useQuery({ queryKey: ["bot", "one", id], queryFn: ({ signal }) => readBot(id, signal) });

export function useLimit(): number | undefined {
  const can = useCan();
  return useQuery({ queryKey: ["account", "self"], enabled: can("account.self"), queryFn: async ({ signal }) => (await accountSelf({ signal })).data }).data?.max_bots;
}

export function useReread() {
  const client = useQueryClient();
  return () => {
    for (const noun of ["bot", "subscription", "coverage"]) void client.invalidateQueries({ queryKey: [noun] });
  };
}

type Values = Record<string, string | number | boolean>;

/** What a form of a bot sends: its name, and the fields of its channel. */
export interface BotBody {
  name: string;
  settings: Values;
  secrets: Record<string, string>;
}

interface Sent {
  headers: { "Idempotency-Key": string; "If-Match"?: string };
  query: { confirm?: true };
}

export const createBot = async (channel: string, body: BotBody, { headers }: Sent): Promise<BotOutBody> => (await botCreate({ body: { channel, ...body }, headers })).data;
export const updateBot = (id: string, body: Partial<BotBody>, { headers }: Sent) => botUpdate({ path: { id }, body, headers });

export function useEnable(bot: Bot) {
  const done = useReread();
  return useWrite({ send: (enabled: boolean, { headers }) => botUpdate({ path: { id: bot.id }, body: { enabled }, headers }), version: bot.version, done });
}

export function useTest(id: string) {
  const done = useReread();
  return useWrite({ send: async (_: null, { headers }) => (await botTest({ path: { id }, headers })).data, done });
}

/** Sends a test, and keeps the receiver's answer. */
export function useTrial(id: string, keep: (trial: Trial) => void) {
  const reread = useReread();
  return useWrite({
    send: async (_: null, { headers }) => (await botTest({ path: { id }, headers })).data,
    done: (trial) => {
      keep(trial);
      reread();
    },
  });
}

export function useResume(id: string) {
  const done = useReread();
  return useWrite({ send: (_: null, { headers }) => botResume({ path: { id }, headers }), done });
}

/** Makes a new secret; keep gets it, and nobody sees it again. */
export function useRotate(bot: Bot, keep: (secret: string) => void) {
  const reread = useReread();
  return useWrite({
    send: async (overlap_seconds: number, { headers }) => (await botRotateSecret({ path: { id: bot.id }, body: { overlap_seconds }, headers })).data,
    version: bot.version,
    done: (out) => {
      keep(Object.values(out.generated ?? {}).join(" "));
      reread();
    },
  });
}

export function useDelete(then: () => void) {
  const reread = useReread();
  return useWrite({
    send: (id: string, sent) => botDelete({ path: { id }, ...sent }),
    done: () => {
      then();
      reread();
    },
  });
}

export const readPreferences = async (id: string, signal?: AbortSignal) => (await botPreferences({ path: { id }, signal })).data;
export const setPreferences = botSetPreferences;
export const usePreferences = (id: string) => useQuery({ queryKey: ["bot", "preferences", id], queryFn: ({ signal }) => readPreferences(id, signal) });

/** The types that a bot gets. */
export function useTypesOf(id: string) {
  const can = useCan();
  const query = useQuery({ queryKey: ["subscription", "matrix", ""], enabled: can("subscription.list"), queryFn: async ({ signal }) => (await subscriptionList({ signal })).data });
  return query.data?.items.filter((row) => row.every_bot || row.bots.some((bot) => bot.id === id)).map((row) => row.type);
}
