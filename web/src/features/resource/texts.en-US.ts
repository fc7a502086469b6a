const texts = {
  accountInbox: "the account's inbox",
  among_one: "with 1 other resource",
  among_other: "with {{count}} other resources",
  anyState: "Any state",
  at: { expiry: "On expiry", release: "On release" },
  before: { expiry: "{{span}} before expiry", release: "{{span}} before release" },
  changeWho: "Change who hears of it",
  clear: "Clear filter",
  empty: "No resources yet. Products register here what expires, and its owners are reminded before.",
  emptyFilter: "No resource fits the filter.",
  expired: "expired",
  expires: "Expires",
  expiresIn: "Expires in",
  expiringBefore: "Expires before",
  externalId: "The product's id",
  kind: "Kind",
  ladder: "Reminders",
  name: "Name",
  never: "never",
  next: "Next reminder",
  nextTitle: "Who hears of it next",
  noRungs: "Nothing is reminded of.",
  none: "none",
  product: "Product",
  releases: "Released",
  resource: "Resource",
  rung: { sent: "sent", next: "next", planned: "planned", will_not: "will not be sent" },
  span: {
    d_one: "1 day", d_other: "{{count}} days",
    h_one: "1 hour", h_other: "{{count}} hours",
    m_one: "1 minute", m_other: "{{count}} minutes",
    s_one: "1 second", s_other: "{{count}} seconds",
  },
  state: { active: "active", will_not_renew: "will not be renewed", released: "released", deleted: "deleted" },
  stateLabel: "State",
  title: "Resources",
  toNotification: "To the notification",
  toReminders: "Calendar of reminders",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    resource: typeof texts;
  }
}
