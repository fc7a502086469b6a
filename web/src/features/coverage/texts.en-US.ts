const texts = {
  advice: {
    failing: "Open the bot to see what the receiver answers, test it, and resume it.",
    floors: "Mandatory messages over this channel reach nobody. Give the account contact an address for it.",
    idle: "No message type names them: they receive nothing.",
    single: "If this one person is away, nobody hears of it. Choose a second one.",
    unproven: "They get no messages until the address is proven. Send the invitation again, or correct the address.",
    unreached: "Nobody is reached outside of the inbox. Choose somebody with a proven address.",
  },
  allOf: "All {{n}}",
  begin: "First steps",
  concern: { failing: "Bots that fail", floors: "Mandatory channels that reach nobody", idle: "Contacts that receive nothing", single: "Message types that depend on one person", unproven: "Addresses to be proven", unreached: "Message types that reach nobody" },
  done: "done",
  fewer: "Fewer",
  fine_one: "1 message type reaches at least 2 people.",
  fine_other: "{{count}} message types reach at least 2 people.",
  live: "live",
  notLive: "not live",
  noReminders: "Nothing expires within seven days.",
  nothingUnread: "Everything is read.",
  number: "{{n}}",
  open: "to do",
  reason: {
    bounced: "the address does not exist",
    channel_not_configured: "the channel is not set up",
    disabled: "disabled",
    filtered: "stopped by words",
    marketing_off: "activity messages are off",
    no_address: "no address for the channel",
    not_ticked: "no channel is ticked",
    unsubscribed: "unsubscribed",
    unverified: "the address is not proven",
  },
  resources_one: "1 resource",
  resources_other: "{{count}} resources",
  step: { accountContact: "Give the account contact an address that is proven", contact: "Add a contact", types: "Choose who gets which message types", bot: "Add a bot", access: "Give others access" },
  title: "Overview",
  unread: "{{n, number}} unread messages",
  week: "Reminders of the next 7 days",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    coverage: typeof texts;
  }
}
