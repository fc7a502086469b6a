const texts = {
  after: "After",
  again: "Try again",
  anyway: "Do it all the same",
  before: "Before",
  cancel: "Cancel",
  clearFilter: "Clear filter",
  close: "Close",
  conflict: { title: "Somebody changed this meanwhile", theirs: "Take theirs", mine: "Apply mine on top" },
  copied: "Copied",
  copy: "Copy",
  earlierRows: "Earlier rows",
  effect: {
    "reaches-nobody": "These message types would reach nobody:",
    "falls-to-account-contact": "These would go to the account contact:",
    "reaches-one": "These would depend on one person:",
  },
  fault: {
    required: "Required.",
    "too-long": "Too long.",
    "too-short": "Too short.",
    "wrong-password": "This is not your password.",
  },
  field: "Field",
  filters: "Filters",
  filtersSet: "Filters (set)",
  fromDay: "From day",
  loaded: "{{n, number}} loaded",
  more: "Load more",
  notHere: "Not here, or not yours.",
  problem: {
    conflict: "This does not fit what is there now.",
    expired: "This has expired.",
    forbidden: "You do not have the right to do this.",
    "idempotency-in-progress": "The same request is still under way.",
    "internal-error": "Something went wrong on our side.",
    "limit-reached": "The limit of the account is reached.",
    "not-found": "Not here, or not yours.",
    offline: "The server does not answer.",
    "rate-limited": "Too many requests; wait a moment.",
    "stale-version": "Somebody changed this meanwhile.",
    unauthenticated: "You are not signed in.",
    unavailable: "Not available for the moment.",
    "validation-failed": "Some values are not acceptable.",
  },
  request: "Request",
  same: "Nothing differs.",
  secret: { once: "This is shown once and never again. Store it now.", stored: "I have stored it" },
  theirs: "Theirs",
  toDay: "To day",
  yours: "Yours",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    ui: typeof texts;
  }
}
