export type { LiveEvent, LiveMessage } from "./events.ts";
export { type Live, listen, type LiveState } from "./live.ts";
export { LiveContext, useLive, useLiveEvents } from "./useLive.ts";
