import type { Route } from "./route.ts";
import { accountRoutes } from "./routes.account.ts";
import { operatorRoutes } from "./routes.operator.ts";
import { recordRoutes } from "./routes.record.ts";

/** All pages of the console. Each line is a page; menu.ts says which of them the menu shows. */
export const routes: Route[] = [
  { path: "/sign-in", page: () => import("@/features/session/pages/SignIn.tsx"), outside: true, first: true },
  { path: "/", page: () => import("./pages/Start.tsx") },
  { path: "/inbox", page: () => import("@/features/inbox/pages/AccountInbox.tsx"), needs: "message.list", first: true },
  { path: "/inbox/$id", page: () => import("@/features/inbox/pages/AccountInbox.tsx"), needs: "message.get", first: true },
  { path: "/me/inbox", page: () => import("@/features/inbox/pages/OwnInbox.tsx"), needs: "my_message.list", first: true },
  { path: "/me/inbox/$id", page: () => import("@/features/inbox/pages/OwnInbox.tsx"), needs: "my_message.get", first: true },
  { path: "/n/$notification", page: () => import("@/features/inbox/pages/OfNotification.tsx"), first: true },
  ...accountRoutes,
  ...recordRoutes,
  ...operatorRoutes,
  { path: "/$", page: () => import("./pages/NotHere.tsx") },
];
