import type { Route } from "./route.ts";

/** Subscriptions, contacts, groups and bots. */
export const accountRoutes: Route[] = [
  { path: "/contacts", page: () => import("@/features/contact/pages/Contacts.tsx"), needs: "contact.list" },
  { path: "/contacts/$id", page: () => import("@/features/contact/pages/Contacts.tsx"), needs: "contact.get" },
];
