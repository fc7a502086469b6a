import type { Route } from "./route.ts";

/** Subscriptions, contacts, groups and bots. */
export const accountRoutes: Route[] = [];
