const texts = {
  again: "Get them again",
  asAccount: "As the account",
  code: "Code that {{address}} got",
  confirm: "Confirm",
  effects: "This changes who is informed",
  language: "Language of messages",
  leaving: "Replaced; it stays in use until the new one is proven",
  marketing: "Activity messages to me",
  name: "Name",
  next: {
    expired: "The proof was not given in time. Have it sent again.",
    failed: "A provider says that this address does not exist. Correct it, or have the proof sent again.",
    pending: "Follow the link in the message, or enter its code here.",
  },
  none: "You have no contact details yet. With an address, messages that are meant for you reach you.",
  nothingEnded: "You ended no other messages.",
  possible: "possible again at",
  proven: "The address is verified",
  remind: "Next reminder:",
  save: "Save",
  saved: "Saved",
  sendAgain: "Send the code again",
  sent: "Sent",
  state: { expired: "Expired", failed: "Failed", pending: "To be verified", verified: "Verified", waived: "Vouched for" },
  tries: "{{n}} tries left.",
  unsubscribed: "What I do not want",
  zone: "Time zone",
  zoneHint: "Quiet hours count in it.",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    owncontact: typeof texts;
  }
}
