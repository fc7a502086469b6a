import type { Route } from "./route.ts";

/** Notifications, resources, the operation log, users and settings. */
export const recordRoutes: Route[] = [];
