const texts = {
  add: "Add an operator",
  created: "Made",
  delete: "Delete",
  deleteEffect: "Sessions and access keys end at once. What the operator did stays in the operation log.",
  deleteTitle: "Delete the operator {{name}}?",
  disabled: "Disabled",
  displayName: "Display name",
  empty: "No operators.",
  enabled: "Enabled",
  enabledHint: "Who is disabled is signed out at once.",
  goesOn: "What the operator made goes on",
  id: "Id",
  log: "Operations of this operator",
  name: "Name",
  nameHint: "For signing in to the account “platform”; it cannot be changed.",
  newPassword: "New password",
  newPasswordHint: "Leave it empty to keep the old one; a new one ends all sessions.",
  operator: "Operator",
  own: "This is you: nobody changes the own roles.",
  password: "Password",
  passwordHint: "Tell it to the operator over another way; it can be changed after signing in.",
  role: { OperatorAdmin: "Operator admin", OperatorAuditor: "Operator auditor" },
  roleAllows: { OperatorAdmin: "Operator admin: configures the platform", OperatorAuditor: "Operator auditor: reads the operation logs of all accounts, and nothing else" },
  roles: "Roles",
  save: "Save",
  saved: "Saved",
  state: "State",
  title: "Operators",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    operator: typeof texts;
  }
}
