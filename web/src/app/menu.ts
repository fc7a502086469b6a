import type { Can } from "@/lib/can";
import type { Route } from "./route.ts";

/** An entry of the menu; its label is the text "menu.<name>". */
export interface Entry {
  name: string;
  /** The page's path; it shows only if that page exists and the reader may see it. */
  to: string;
  /** Entries below it. */
  children?: Entry[];
  /** Whom it is for: "operator" or "account"; undefined for both. */
  of?: "operator" | "account";
}

/** The menu in the order in which it shows. Operators have the platform first, then what their own account gets. */
export const menu: Entry[] = [
  { name: "home", to: "/", of: "account" },
  { name: "platform", to: "/platform", of: "operator" },
  { name: "channels", to: "/platform/channels", of: "operator" },
  { name: "messageTypes", to: "/platform/message-types", of: "operator" },
  { name: "announcements", to: "/platform/announcements", of: "operator" },
  { name: "accounts", to: "/platform/accounts", of: "operator" },
  { name: "products", to: "/platform/products", of: "operator" },
  { name: "recipients", to: "/platform/recipients", of: "operator" },
  { name: "inbox", to: "/inbox" },
  { name: "myInbox", to: "/me/inbox" },
  { name: "subscriptions", to: "/subscriptions" },
  { name: "contacts", to: "/contacts" },
  { name: "contactGroups", to: "/contact-groups" },
  { name: "bots", to: "/bots" },
  { name: "notifications", to: "/notifications" },
  { name: "resources", to: "/resources" },
  { name: "reminders", to: "/reminders" },
  { name: "operations", to: "/operations" },
  { name: "users", to: "/users", of: "account" },
  { name: "operators", to: "/platform/operators", of: "operator" },
  { name: "platformSettings", to: "/platform/settings", of: "operator" },
  { name: "myContact", to: "/settings/contact" },
  { name: "settings", to: "/settings" },
];

/** The entries that somebody sees: of pages that exist and that the rights allow. */
export function visible(entries: Entry[], routes: Route[], can: Can, operator: boolean): Entry[] {
  return entries.filter((entry) => {
    const route = routes.find((each) => each.path === entry.to);
    const meant = !entry.of || (entry.of === "operator") === operator;
    return meant && route !== undefined && (!route.needs || can(route.needs));
  });
}
