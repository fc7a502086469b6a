const texts = {
  accountOf: "Account {{name}} ({{alias}})",
  broken: "This page broke",
  disconnected: "Not connected; as of {{time}}",
  endSession: "Sign out",
  keys: {
    title: "Keys",
    help: "Show this list",
    search: "Go to the search",
    down: "Next row",
    up: "Row before",
    select: "Select the row",
    open: "Open the row",
    read: "Mark as read",
    delete: "Delete (asks first)",
    off: "Single keys do nothing",
    on: "Single keys do something",
  },
  language: "Language",
  live: "live",
  notLive: "not live",
  manage: { title: "Manage what I receive", otherAccount: "What you manage here belongs to the account {{account}}; you are signed in to {{mine}}. Sign out and sign in there.", home: "To the start page" },
  mainMenu: "Main menu",
  menu: {
    accounts: "Accounts", announcements: "Announcements", bots: "Bots", channels: "Channels", contactGroups: "Contact groups", contacts: "Contacts", home: "Overview", inbox: "Messages",
    messageTypes: "Message types", myContact: "My contact details", myInbox: "My messages", notifications: "Notifications", operations: "Operation log", operators: "Operators", platform: "Platform",
    platformSettings: "Platform settings", products: "Products", recipients: "Recipients", reminders: "Reminders", resources: "Resources", settings: "Settings", subscriptions: "Subscriptions", users: "Access",
  },
  newMessages_one: "1 unread message",
  newMessages_other: "{{count}} unread messages",
  noRight: { title: "No right to this page", text: "The right {{action}} is missing. The root user of the account grants it; operators get theirs from an operator admin." },
  notHere: { title: "Not here", text: "There is no such page, or it is not yours." },
  openMenu: "Open the menu",
  ownZone: "Use my browser's zone",
  accountZone: "Use the account's zone",
  settings: {
    account: "Account", accountContact: "Account contact", accountContactHint: "The account itself as somebody who can be reached: it gets what nobody else was chosen for, and what is mandatory. Only the root user changes it.",
    browser: "This browser", keys: "Access keys", ownContact: "How I am reached", ownZone: "Times in this browser's zone ({{zone}})", profile: "Profile", sessions: "Sessions", singleKeys: "Single keys do something (? lists them)",
  },
  signInAgain: { title: "Your session ended", text: "Sign in again: what you typed is still there.", wrong: "The password is wrong." },
  skip: "To the content",
  theme: { label: "Look", light: "Light", dark: "Dark", system: "As the system" },
  times: "Times in {{zone}}",
  toStart: "To the start page",
  password: "Password",
  signIn: "Sign in",
  user: "{{name}}, my menu",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    app: typeof texts;
  }
}
