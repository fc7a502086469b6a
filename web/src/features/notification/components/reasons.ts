/** What one can do about a reason. */
export type Step = "address" | "bot" | "nothing" | "operator" | "owner" | "resend" | "subscription" | "switchOn" | "verify" | "waits" | "words";

/**
 * What each reason of docs/reasons.md and of the channels leads to. A test compares the table
 * with them: a reason without a step leaves people without help.
 */
export const steps = {
  // routing
  disabled: "switchOn",
  channel_not_configured: "operator",
  marketing_off: "subscription",
  not_ticked: "subscription",
  no_address: "address",
  bounced: "address",
  unverified: "verify",
  unsubscribed: "owner",
  filtered: "words",
  duplicate: "nothing",
  capped: "subscription",
  throttled: "waits",
  quiet_hours: "waits",
  merged: "nothing",
  digest: "waits",
  read: "nothing",
  queued: "waits",
  // delivering
  expired: "nothing",
  cancelled: "nothing",
  recipient_deleted: "subscription",
  invitation_ended: "nothing",
  outcome_unknown: "resend",
  attempts_exhausted: "resend",
  rate_limited: "resend",
  destination_suspended: "bot",
  unknown_provider_code: "operator",
  recipient_invalid: "address",
  template_error: "operator",
  internal: "operator",
  // announcements
  type_disabled: "operator",
  product_refused: "operator",
  // the channels
  account: "operator",
  auth: "bot",
  bad_request: "operator",
  blocked: "operator",
  blocked_address: "bot",
  body: "operator",
  busy: "resend",
  ca: "bot",
  carrier_filtered: "operator",
  clock: "operator",
  connect: "resend",
  connect_timeout: "resend",
  connection_lost: "resend",
  content_rejected: "operator",
  dkim: "operator",
  dns: "bot",
  from: "operator",
  gone: "bot",
  ip: "bot",
  keyword: "bot",
  mailbox_full: "address",
  markup: "operator",
  no_template: "operator",
  no_text: "operator",
  nonce: "resend",
  not_found: "bot",
  number_invalid: "address",
  opted_out: "address",
  own_addresses_unknown: "operator",
  permission: "bot",
  policy: "operator",
  quota: "resend",
  recipient_busy: "resend",
  redirect: "bot",
  refused: "bot",
  secret: "bot",
  sender_rejected: "operator",
  server_busy: "resend",
  server_error: "resend",
  server_refuses_us: "operator",
  sign: "bot",
  stopped: "bot",
  template: "operator",
  timeout: "resend",
  tls: "bot",
  token: "bot",
  too_early: "resend",
  too_large: "operator",
  unavailable: "resend",
  undelivered: "resend",
  unexpected: "resend",
  unknown_kind: "operator",
  unreachable: "resend",
  unreadable_answer: "resend",
  url: "bot",
} as const satisfies Record<string, Step>;

export type Reason = keyof typeof steps;

/** Operators may give providers' codes reasons of their own: those have no words here. */
export const isReason = (reason: string): reason is Reason => Object.hasOwn(steps, reason);

/** What a reason is about: whom the delivery was for. */
export interface About {
  contact_id: string;
  bot_id: string;
}

/** The next step after a reason. Where a bot is not to blame, its provider is, and that is the operator's. */
export function stepOf(reason: string, about: About): Step {
  const step: Step = isReason(reason) ? steps[reason] : "operator";
  if (step === "bot" && !about.bot_id) return "operator";
  if (step === "address" && !about.contact_id) return "bot";
  return step;
}

/** Where the step is taken; undefined where waiting or asking somebody is all that one can do. */
export function placeOf(step: Step, about: About, type: string): { to: string; needs: string } | undefined {
  const recipient = about.bot_id ? { to: `/bots/${about.bot_id}`, needs: "bot.get" } : { to: `/contacts/${about.contact_id}`, needs: "contact.get" };
  const known = about.bot_id || about.contact_id;
  switch (step) {
    case "address":
    case "bot":
    case "switchOn":
    case "verify":
    case "words":
      return known ? recipient : undefined;
    case "subscription":
      return { to: `/subscriptions/${type}`, needs: "subscription.list" };
    default:
      return undefined;
  }
}
