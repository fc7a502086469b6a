const texts = {
  all: "All categories",
  daysOf: "{{n}} days",
  forEver: "for ever",
  messages: "Messages in inboxes, read or not",
  note: "Days, 7 to 3,650; 0 keeps for ever. An empty category goes by all categories. What is over is deleted once a day.",
  notifications: "Notifications with their deliveries, and announcements: from their end",
  save: "Save",
  saved: "Saved",
  title: "How long things are kept",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    retention: typeof texts;
  }
}
