package models

// Reasons are the stable codes that say why a delivery or a notification is
// where it is. A provider's own reasons ("recipient_invalid", "auth") stand
// beside them, as the channel reported them.
const (
	// Recorded by routing: no delivery was made.
	ReasonDisabled      = "disabled"               // the contact or bot is switched off
	ReasonNotConfigured = "channel_not_configured" // the operator offers no such channel
	ReasonNotTicked     = "not_ticked"             // the subscription leaves the cell out
	ReasonNoAddress     = "no_address"             // the contact has none for the channel
	ReasonUnverified    = "unverified"             // nobody has proven the address
	ReasonBounced       = "bounced"                // a provider said that the address does not exist
	ReasonUnsubscribed  = "unsubscribed"           // by the address's owner
	ReasonMarketingOff  = "marketing_off"          // the account wants no marketing
	ReasonFiltered      = "filtered"               // the words of the contact or bot
	ReasonDuplicate     = "duplicate"              // another delivery goes to the same address
	ReasonCapped        = "capped"                 // the type's share of the channel is used up for the day
	ReasonThrottled     = "throttled"              // the recipient's share of the hour is used up
	ReasonQuietHours    = "quiet_hours"            // held until the recipient's quiet hours end
	ReasonDigest        = "digest"                 // held until the digest of its recipient leaves
	ReasonRead          = "read"                   // its recipient read it in an inbox before the digest closed
	ReasonMerged        = "merged"                 // its text leaves, or stands, in the message of another notification

	// Recorded later, when a delivery waits or ends.
	ReasonExpired     = "expired"               // its time to live is over
	ReasonCancelled   = "cancelled"             // somebody cancelled the notification
	ReasonDeleted     = "recipient_deleted"     // the contact, address or bot is gone
	ReasonUnknown     = "outcome_unknown"       // sent or not, nobody can tell; not repeated
	ReasonExhausted   = "attempts_exhausted"    // every try of the schedule failed
	ReasonQueued      = "queued"                //  waits for the next message that its bot may be sent
	ReasonRateLimited = "rate_limited"          // refused for frequency
	ReasonSuspended   = "destination_suspended" // a person must repair the destination
	ReasonUnknownCode = "unknown_provider_code" // the provider answered something new
	ReasonRender      = "template_error"        // the text could not be made
	ReasonInternal    = "internal"              // Belfry itself failed; the log has it
	ReasonInvitation  = "invitation_ended"      // it was answered, replaced, or is over

	// ReasonRecipientInvalid is an adapter's word for an address that does not exist,
	// and why such an address is failed from then on.
	ReasonRecipientInvalid = "recipient_invalid"
)

// Outcomes of an attempt: the classes of the channels, and two of the platform.
// Source: channels, outcome of one attempt.
const (
	OutcomeDelivered     = "delivered"
	OutcomeAccepted      = "accepted"
	OutcomeRetry         = "retry"
	OutcomeRateLimited   = "rate_limited"
	OutcomePermanent     = "permanent"
	OutcomeMisconfigured = "misconfigured"
	OutcomeAmbiguous     = "ambiguous"
	// OutcomeUnknown is an attempt whose worker died before it could record one.
	OutcomeUnknown = "unknown"
)
