const texts = {
  add: "Add an account",
  addresses: "Addresses of the account contact",
  alias: "Alias",
  aliasHint: "For signing in: 3–32 of a–z, 0–9 and -; it cannot be changed.",
  created: "Made",
  disabled: "Disabled",
  edit: "Settings",
  empty: "No accounts yet.",
  enabled: "Enabled",
  enabledHint: "Switched off, nobody signs in and nothing is accepted for it.",
  id: "Id",
  language: "Language",
  log: "Operations on this account",
  max_bots: "Bots, at most",
  max_contact_groups: "Contact groups, at most",
  max_contacts: "Contacts, at most",
  name: "Name",
  reset: "New root password",
  resetEffect: "Belfry makes a new password for the root user and shows it once. The root user's sessions end; access keys work on. The account sees it in its operation log.",
  resetTitle: "A new password for the root user of {{name}}?",
  root: "Name of the root user",
  rootHint: "Belfry makes its password and shows it once.",
  rootPassword: "Password of the root user",
  rootUser: "Root user",
  save: "Save",
  saved: "Saved",
  state: "State",
  title: "Accounts",
  users: "Contacts of the account and its users",
  zone: "Time zone",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    account: typeof texts;
  }
}
