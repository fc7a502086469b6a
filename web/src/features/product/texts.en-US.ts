const texts = {
  accounts: "Accounts",
  accountsHint: "Which accounts it may write to; choose “all” or single accounts, or enter ids.",
  add: "Add a product",
  all: "all",
  allAccounts: "All accounts",
  allTypes: "All message types",
  created: "Made",
  disabled: "Disabled",
  displayName: "Display name",
  edit: "Settings",
  empty: "No products yet. A product is a program that submits notifications with a key of its own.",
  enabled: "Enabled",
  enabledHint: "Switched off, all its keys are refused until it is switched on again.",
  id: "Id",
  keys: "Keys",
  log: "Operations on this product",
  name: "Name",
  nameHint: "Cannot be changed later.",
  ofCategory: "All of {{category}}",
  save: "Save",
  saved: "Saved",
  state: "State",
  title: "Products",
  types: "Message types",
  typesHint: "Which message types it may submit: single ones, those of a category, or all.",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    product: typeof texts;
  }
}
