import type { Route } from "./route.ts";

/** Notifications, resources, the operation log, users and settings. */
export const recordRoutes: Route[] = [
  { path: "/notifications", page: () => import("@/features/notification/pages/Notifications.tsx"), needs: "notification.list" },
  { path: "/notifications/$id", page: () => import("@/features/notification/pages/Trace.tsx"), needs: "notification.get" },
  { path: "/resources", page: () => import("@/features/resource/pages/Resources.tsx"), needs: "resource.list" },
  { path: "/resources/$id", page: () => import("@/features/resource/pages/Resources.tsx"), needs: "resource.get" },
  { path: "/reminders", page: () => import("./pages/Reminders.tsx"), needs: "reminder.list" },
  { path: "/operations", page: () => import("@/features/operationlog/pages/Operations.tsx"), needs: "operation.list" },
  { path: "/operations/$seq", page: () => import("@/features/operationlog/pages/Operations.tsx"), needs: "operation.get" },
  { path: "/users", page: () => import("./pages/Users.tsx"), needs: "user.list" },
  { path: "/users/$id", page: () => import("./pages/Users.tsx"), needs: "user.get" },
  { path: "/manage", page: () => import("./pages/Manage.tsx") },
  { path: "/settings", page: () => import("./pages/Settings.tsx"), needs: "profile.get" },
  { path: "/settings/contact", page: () => import("./pages/OwnContact.tsx"), needs: "my_contact.get" },
  { path: "/settings/account", page: () => import("./pages/AccountSettings.tsx"), needs: "account.self" },
];
