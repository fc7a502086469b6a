package choice

import (
	"slices"

	"belfry.dev/belfry/models"
)

// Cell says whether the type's cell of the channel can be changed: "free", "locked" or
// "unavailable", with the reason why it is not free, or why nothing goes over it in spite of
// the tick; "" where neither is so. marketingOff is the account's one switch.
func (o Offer) Cell(t models.MessageType, channel models.Channel, ticked, marketingOff bool) (state, reason string) {
	offered := channel == models.ChannelInbox || slices.Contains(o.Configured, channel)
	state = "free"
	switch {
	case t.Strict && channel != models.ChannelInbox && !t.IsLocked(channel):
		state, reason = "locked", "strict"
	case channel == models.ChannelInbox:
		state, reason = "locked", "inbox"
	case t.IsLocked(channel):
		state, reason = "locked", "mandatory"
	case !offered:
		state = "unavailable"
	case t.Marketing && marketingOff && ticked:
		reason = models.ReasonMarketingOff
	}
	if !offered {
		reason = models.ReasonNotConfigured
	}
	return state, reason
}
