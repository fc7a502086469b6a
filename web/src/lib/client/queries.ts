import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "./problem.ts";

/** How long to wait before the next try, in milliseconds. */
function wait(attempt: number, thrown: unknown): number {
  const asked = thrown instanceof Problem ? thrown.retryAfter * 1000 : 0;
  return Math.max(asked, Math.min(1000 * 2 ** attempt, 15_000));
}

/**
 * The cache of what the server said. Only reading is tried again, and only where the same
 * request may go through; forbidden is called when the server refuses for want of a right.
 */
export function createQueryClient(forbidden: () => void): QueryClient {
  const refused = (thrown: unknown) => {
    if (thrown instanceof Problem && thrown.status === 403) forbidden();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: refused }),
    mutationCache: new MutationCache({ onError: refused }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        networkMode: "always",
        retry: (failures, thrown) => thrown instanceof Problem && thrown.passes && failures < 5,
        retryDelay: wait,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
