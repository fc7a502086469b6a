const texts = {
  client: "Client",
  create: "Create the key",
  current: "This session",
  delete: "Delete",
  deleteEffect: "Programs that use it are refused from this moment on.",
  deleteTitle: "Delete the key “{{name}}”?",
  end: "End",
  endEffect: "{{client}} at {{ip}} has to sign in again.",
  endTitle: "End this session?",
  ip: "From",
  keyName: "What is the key for?",
  keys: "Access keys",
  lastDay: "Last day",
  lastDayHint: "Without a last day it does not end by itself.",
  lastSeen: "Seen last",
  lastUsed: "Used last",
  name: "Name",
  never: "never",
  newKey: "The new access key",
  noEnd: "no end",
  noKeys: "You have no access key. Programs need one to act in your name.",
  noKeysOfProduct: "This product has no key, so it cannot call Belfry.",
  noKeysOfUser: "This user has no access key.",
  noSessions: "Nobody is signed in.",
  rotate: "Rotate",
  rotateEffect: "You get a new key. The old one still works for a while, so that programs can change over.",
  rotateTitle: "Rotate the key “{{name}}”?",
  sessions: "Sessions",
  signedIn: "Signed in",
  state: "State",
  states: { expired: "Expired", replaced: "Replaced", revoked: "Revoked", valid: "Valid" },
  until: "Until",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    credential: typeof texts;
  }
}
