const texts = {
  add: "Add a position",
  en: "English",
  key: "Key",
  note: "Contacts choose among these, in this order. One that contacts have cannot be removed.",
  remove: "Remove",
  removeOf: "Remove {{name}}",
  save: "Save",
  saved: "Saved",
  title: "Positions",
  up: "Up",
  upOf: "{{name}}: up",
  zh: "Chinese",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    position: typeof texts;
  }
}
