const texts = {
  account: "Account",
  accountContact: "Account contact",
  addresses: "Addresses",
  anyAccount: "All accounts",
  anyChannel: "All channels",
  anyState: "All states",
  clear: "Clear filter",
  details: "Contact details of {{name}}",
  edit: "Edit",
  editNote: "Addresses that an operator enters need no proof: you vouch for them, and the account sees it in its operation log.",
  effects: "This changes who is reached",
  empty: "No contacts yet. Accounts add their own; each has an account contact.",
  emptyFilter: "No contact fits the filter.",
  name: "Name",
  none: "This user has no contact details yet, or there is no such user in the account.",
  ofUser: "Contact details for a user",
  ofUserNote: "A user is given contact details by id, whatever the user entered.",
  open: "Open",
  save: "Save",
  saved: "Saved",
  search: "Name or address",
  searchAddress: "Address, whole",
  state: { pending: "To be proven", verified: "Proven", failed: "Failed", expired: "Expired", waived: "Vouched for" },
  title: "Recipients",
  user: "User",
  userId: "Id of the user",
  waive: "Waive the proof",
  waived: "Nobody is asked to prove it any more",
  waiveNote: "You vouch for it: Belfry writes to it without a proof. The account sees this in its operation log.",
  waiveTitle: "Waive the proof for {{name}}?",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    usercontact: typeof texts;
  }
}
