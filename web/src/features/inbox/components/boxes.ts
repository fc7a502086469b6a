import { useCan } from "@/lib/can";
import type { Box } from "../api.ts";

/** Where an inbox stands. */
export const pathOf = (box: Box) => (box === "message" ? "/inbox" : "/me/inbox");

/** What the reader may do in an inbox. */
export function useRights(box: Box) {
  const can = useCan();
  return { read: can(`${box}.read`), readAll: can(`${box}.read_all`), remove: can(`${box}.delete`), removeAll: can(`${box}.delete_all`) };
}
