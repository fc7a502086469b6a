import type { Route } from "./route.ts";

/** Subscriptions, contacts, groups and bots. */
export const accountRoutes: Route[] = [
  { path: "/subscriptions", page: () => import("@/features/subscription/pages/Subscriptions.tsx"), needs: "subscription.list" },
  { path: "/subscriptions/history", page: () => import("@/features/subscription/pages/History.tsx"), needs: "subscription.history" },
  { path: "/subscriptions/$type", page: () => import("@/features/subscription/pages/Subscriptions.tsx"), needs: "subscription.list" },
  { path: "/contacts", page: () => import("@/features/contact/pages/Contacts.tsx"), needs: "contact.list" },
  { path: "/contacts/$id", page: () => import("@/features/contact/pages/Contacts.tsx"), needs: "contact.get" },
  { path: "/contact-groups", page: () => import("@/features/contactgroup/pages/Groups.tsx"), needs: "contact_group.list" },
  { path: "/contact-groups/$id", page: () => import("@/features/contactgroup/pages/Groups.tsx"), needs: "contact_group.get" },
  { path: "/bots", page: () => import("@/features/bot/pages/Bots.tsx"), needs: "bot.list" },
  { path: "/bots/new", page: () => import("@/features/bot/pages/NewBot.tsx"), needs: "bot.create" },
  { path: "/bots/$id", page: () => import("@/features/bot/pages/Bots.tsx"), needs: "bot.get" },
];
