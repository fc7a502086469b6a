import { healthGet, healthReady, siteGet } from "@api/sdk.gen";
import type { PlatformHealth, SiteView } from "@api/types.gen";
import { useQuery } from "@tanstack/react-query";
import { Problem } from "@/lib/client";

export type Site = SiteView;
export type Health = PlatformHealth;

/** What the process says of its parts: ok or failed, by name. */
export interface Ready {
  ok: boolean;
  parts: Record<string, string>;
}

/** A part that is needed and does not work is named by the refusal. */
async function ready(signal: AbortSignal): Promise<Ready> {
  try {
    const { data } = await healthReady({ signal });
    return { ok: data.status === "ok", parts: data.parts ?? {} };
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.errors.length === 0) throw thrown;
    return { ok: false, parts: Object.fromEntries(thrown.errors.map((each) => [each.pointer.replace(/^parts\//, ""), each.code])) };
  }
}

export const useReady = () => useQuery({ queryKey: ["health"], refetchInterval: 15_000, retry: false, queryFn: ({ signal }) => ready(signal) });

/** How the whole platform does: what waits, since when, and what has to be repaired. */
export const useHealth = () => useQuery({ queryKey: ["health", "platform"], refetchInterval: 30_000, retry: false, queryFn: async ({ signal }) => (await healthGet({ signal })).data });

/** How the site presents itself; it is part of the configuration. */
export const useSite = () => useQuery({ queryKey: ["site"], queryFn: async ({ signal }) => (await siteGet({ signal })).data });
