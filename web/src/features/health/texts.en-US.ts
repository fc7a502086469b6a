const texts = {
  age: { s_one: "1 second", s_other: "{{count}} seconds", m_one: "1 minute", m_other: "{{count}} minutes", h_one: "1 hour", h_other: "{{count}} hours", d_one: "1 day", d_other: "{{count}} days" },
  brand: { name: "Name", logo: "Logo", color: "Colour on light ground", dark: "Colour on dark ground", footer: "Footer", support: "Support" },
  brandNote: "Part of the configuration (BELFRY_BRAND…): every process reads it when it starts.",
  brandTitle: "Brand",
  bulk: "Announcements wait for",
  degraded: "Not all parts work",
  failed: "Does not work",
  flowTitle: "What waits",
  kind: { bot: "Bot", provider: "Provider" },
  late: "The most overdue attempt was due",
  noVersion: "release not told",
  none: "none",
  notifications: "Notifications that have not ended",
  ok: "All parts work",
  oldest: "The oldest was accepted",
  open: { pending: "Under way: {{n, number}}", scheduled: "Scheduled: {{n, number}}" },
  outbox: "Orders to workflows",
  outboxOf: "{{n, number}} are due, the oldest for {{age}}",
  overdue: "Overdue",
  overdueOf: { announcement: "announcements", envelope: "digests", invitation: "confirmations", notification: "notifications", resource: "reminders" },
  own: "Belfry's own",
  part: { database: "Database", storage: "Storage takes writes", temporal: "Temporal", process: "Process" },
  partsTitle: "Parts",
  providersNone: "No provider yet: nothing leaves Belfry.",
  providersTitle: "Providers",
  seen: "last seen",
  streams: "Open event streams of this process",
  suspended: "To be repaired",
  suspendedNone: "No provider or bot is suspended.",
  title: "Platform",
  unsealed: "The operation log waits for its seal for",
  url: "Address of the site",
  version: "Version",
  workers: "Processes that deliver",
  workersNone: "Nobody delivers",
  workersUnknown: "Temporal does not say who delivers.",
  works: "Works",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    health: typeof texts;
  }
}
