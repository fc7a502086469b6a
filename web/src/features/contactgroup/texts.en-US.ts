const texts = {
  add: "Add a group",
  count_one: "1 member",
  count_other: "{{count}} members",
  create: "Create",
  delete: "Delete",
  deleteEffect: "Its members stay as contacts. Message types that name this group alone go to the account contact.",
  deleteOne: "Delete {{name}}?",
  effects: "This changes who is reached",
  empty: "No contact groups yet. A group names several contacts at once in the subscriptions.",
  emptyGetsNothing: "An empty group receives nothing.",
  full: "The account has {{limit}} groups at most; the operator of the platform raises this.",
  group: "Contact group",
  log: "Operations",
  members: "Members",
  name: "Name",
  nameRule: "1–20 characters, no blanks. A new group is empty.",
  noContacts: "There are no contacts yet.",
  nobody: "Nobody: it receives nothing",
  open: "Open",
  rename: "Rename",
  saveMembers: "Save members",
  saved: "Saved",
  title: "Contact groups",
  updated: "Changed",
  used: "{{n}} of {{limit}}",
  whoIsIn: "Who is in it",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    contactgroup: typeof texts;
  }
}
