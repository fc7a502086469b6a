import type { Route } from "./route.ts";

/** The pages of operators. */
export const operatorRoutes: Route[] = [
  { path: "/platform", page: () => import("./pages/Platform.tsx"), needs: "provider.list" },
  { path: "/platform/channels", page: () => import("@/features/provider/pages/Channels.tsx"), needs: "provider.list" },
  { path: "/platform/channels/$provider", page: () => import("@/features/provider/pages/Provider.tsx"), needs: "provider.get" },
  { path: "/platform/message-types", page: () => import("@/features/messagetype/pages/Types.tsx"), needs: "message_type.create" },
  { path: "/platform/message-types/$key", page: () => import("@/features/messagetype/pages/Type.tsx"), needs: "message_type.get" },
  { path: "/platform/announcements", page: () => import("@/features/announcement/pages/Announcements.tsx"), needs: "announcement.list" },
  { path: "/platform/announcements/new", page: () => import("@/features/announcement/pages/NewAnnouncement.tsx"), needs: "announcement.create" },
  { path: "/platform/announcements/$id", page: () => import("@/features/announcement/pages/Announcement.tsx"), needs: "announcement.get" },
  { path: "/platform/accounts", page: () => import("@/features/account/pages/Accounts.tsx"), needs: "account.list" },
  { path: "/platform/accounts/$id", page: () => import("./pages/Account.tsx"), needs: "account.get" },
  { path: "/platform/products", page: () => import("@/features/product/pages/Products.tsx"), needs: "product.list" },
  { path: "/platform/products/$id", page: () => import("./pages/Product.tsx"), needs: "product.get" },
  { path: "/platform/recipients", page: () => import("@/features/usercontact/pages/Recipients.tsx"), needs: "user_contact.list" },
  { path: "/platform/operators", page: () => import("@/features/operator/pages/Operators.tsx"), needs: "operator.list" },
  { path: "/platform/operators/$id", page: () => import("@/features/operator/pages/Operators.tsx"), needs: "operator.get" },
  { path: "/platform/settings", page: () => import("./pages/PlatformSettings.tsx"), needs: "retention.get" },
];
