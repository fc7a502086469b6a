const texts = {
  account: "Account",
  cookieDropped: "Your browser did not keep the session: Belfry must be reached over https, or on this machine itself.",
  language: "Language",
  name: "User name",
  password: "Password",
  signIn: "Sign in",
  support: "Help:",
  title: "Sign in to {{name}}",
  tooMany: "Too many tries.",
  tryAgain: "Now you can try again.",
  wait_one: "Wait {{count}} second",
  wait_other: "Wait {{count}} seconds",
  wrong: "Account, user name or password is wrong.",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    session: typeof texts;
  }
}
