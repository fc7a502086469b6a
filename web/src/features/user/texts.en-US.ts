const texts = {
  add: "Add a user",
  allows: {
    MessageCenterFullAccess: "Reads everything, and changes contacts, bots, subscriptions and messages; gives no rights to others.",
    MessageCenterReadOnly: "Reads everything in the message center of the account, and changes nothing.",
  },
  created: "Added",
  delete: "Delete",
  deleteEffect: "The user cannot sign in any more; sessions, access keys and grants end at once. What the user did stays in the operation log.",
  deleteTitle: "Delete the user {{name}}?",
  disable: "Switch off",
  disabled: "Off",
  displayName: "Display name",
  empty: "No sub-users yet. Add one to let others read or manage messages.",
  enable: "Switch on",
  enabled: "On",
  goesOn: "What the user made goes on",
  goesOnThen: "What the user made goes on after it:",
  grant: "Grant",
  grants: "Rights",
  id: "Id",
  keys: "Access keys",
  lastDay: "Last day",
  lastDayHint: "Without a last day it counts until it is taken back.",
  list: "Users",
  name: "Name",
  nameHint: "3–64 of a–z, 0–9 and . _ @ -; one signs in with it.",
  newPassword: "New password",
  noEnd: "without an end",
  noGrant: "No rights in the account: the user sees the own messages only.",
  noRole: "none",
  operations: "What this user did",
  password: "Password",
  passwordChanged: "The password is changed",
  passwordFirst: "Tell it to the user, who changes it in the settings.",
  passwordHint: "The user's sessions end with it.",
  role: { MessageCenterFullAccess: "Full access", MessageCenterReadOnly: "Read only" },
  roleLabel: "Role",
  root: "Root user",
  sessions: "Sessions",
  setPassword: "Set the password",
  state: "State",
  takeBack: "Take back",
  title: "Access",
  until: "until",
  user: "User",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    user: typeof texts;
  }
}
