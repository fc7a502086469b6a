const texts = {
  accountLanguage: "As the account",
  changePassword: "Change the password",
  current: "Current password",
  displayName: "Display name",
  language: "Language of messages",
  languageHint: "Messages to you come in it; the console keeps its own.",
  nameHint: "You sign in as {{name}}.",
  new: "New password",
  newHint: "Your other sessions end with it.",
  passwordChanged: "The password is changed",
  popups: "New messages pop up",
  popupsHint: "At the lower right, in the tab that you look at.",
  save: "Save",
  saved: "Saved",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    profile: typeof texts;
  }
}
