const texts = {
  alias: "Alias",
  id: "Id",
  language: "Language",
  languageHint: "Messages come in it to everybody who chose no other.",
  limits: "Limits",
  limitsOf: "{{contacts}} contacts, {{groups}} contact groups, {{bots}} bots; an operator raises them",
  name: "Name of the account",
  no: "No",
  perResource: "One message for each resource",
  perResourceHint: "Where one reminder tells of several resources, the inbox keeps a message for each.",
  save: "Save",
  saved: "Saved",
  yes: "Yes",
  zone: "Time zone",
  zoneHint: "Days, reminders and quiet hours count in it.",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    ownaccount: typeof texts;
  }
}
