const texts = {
  after: "Next month",
  before: "Month before",
  change: "Change who gets them",
  chip_one: "1 reminder → {{people}} recipients",
  chip_other: "{{count}} reminders → {{people}} recipients",
  chipInbox_one: "1 reminder → inbox only",
  chipInbox_other: "{{count}} reminders → inbox only",
  completeUntil: "The account has very many resources. The calendar is complete until",
  endsAt: "ends",
  held: "held until",
  inbox: "the account's inbox",
  merged: "in the message “{{type}}”",
  more_one: "and 1 more",
  more_other: "and {{count}} more",
  nothing: "Nothing is reminded of in this month.",
  nothingThatDay: "Nothing is reminded of on this day.",
  recipients: "Recipients",
  resources_one: "1 resource",
  resources_other: "{{count}} resources",
  title: "Reminders",
  today: "Today",
  toResources: "All resources",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    reminder: typeof texts;
  }
}
