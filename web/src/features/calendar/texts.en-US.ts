const texts = {
  about: "A calendar program reads the reminders to come from an address. Whoever knows the address can read them: give each person one of their own, and revoke it when they leave.",
  address: "The address to subscribe to",
  create: "Make an address",
  delete: "Revoke",
  deleteTitle: "Revoke “{{name}}”?",
  deleteEffect: "Its address answers nothing any more, at once. Calendars that read it show no reminders.",
  empty: "No calendar subscribes yet.",
  made: "Address made",
  name: "Name",
  nameHint: "Whose calendar it is for",
  rotate: "New address",
  rotateTitle: "A new address for “{{name}}”?",
  rotateEffect: "The old address ends at once: its calendar has to subscribe again.",
  subscribe: "Subscribe",
  title: "Calendars",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    calendar: typeof texts;
  }
}
