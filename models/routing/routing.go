// Package routing holds the rules over several nouns: who hears a notification
// over which channel, and why not; and which provider carries it. It is pure:
// no clock, no database, no randomness.
package routing

import (
	"cmp"
	"slices"

	"belfry.dev/belfry/models"
)

// Input is everything that routing one notification depends on.
type Input struct {
	Type models.MessageType
	// Contacts are the targets with their addresses: whom the subscription
	// names, or the account contact when it names nobody.
	Contacts []models.Contact
	Bots     []models.Bot
	// Configured are the channels that the operator offers. Inbox needs none.
	Configured []models.Channel
	// Unsubscribed holds the normalised addresses that opted out of the type.
	Unsubscribed map[string]bool
	// Language is the account's, for whoever has none.
	Language string
}

// Decision is one delivery to make, or the recorded reason against it.
type Decision struct {
	// Slot names the decision in its notification; see models.Delivery.
	Slot      string
	Channel   models.Channel
	ContactID string
	AddressID string
	BotID     string
	// UserID is whose personal inbox it is; "" on every other channel.
	UserID     string
	Recipient  string
	AddressKey string
	Language   string
	Locked     bool
	// Reason is one of models.Reason…; "" means deliver.
	Reason string
}

// Route decides about every contact and bot, in the order of docs/reasons.md#routing: the
// first "no" is the recorded reason. Contacts come first in the order given,
// each by channel and address; then the bots in the order given. Slots are
// unique as long as ids are; the result is never nil.
func Route(in Input) []Decision {
	decisions := make([]Decision, 0, 4*len(in.Contacts)+len(in.Bots))
	for _, c := range in.Contacts {
		decisions = append(decisions, in.forContact(c)...)
	}
	dropDuplicates(decisions)
	for _, b := range in.Bots {
		decisions = append(decisions, in.forBot(b))
	}
	return decisions
}

// forContact decides about the contact's personal inbox, its addresses, and the
// ticked channels it has no address for.
func (in Input) forContact(c models.Contact) []Decision {
	var out []Decision
	if c.UserID != "" {
		out = append(out, in.forPersonalInbox(c))
	}
	for _, channel := range in.channelsOf(c) {
		addresses := addressesOf(c, channel)
		if len(addresses) == 0 {
			out = append(out, in.forAddress(c, models.Address{Channel: channel}))
		}
		for _, a := range addresses {
			out = append(out, in.forAddress(c, a))
		}
	}
	return out
}

func (in Input) forPersonalInbox(c models.Contact) Decision {
	d := in.decision(c, models.ChannelInbox)
	d.Slot = slot(models.ChannelInbox, c.ID)
	d.UserID = c.UserID
	if !c.Enabled && !d.Locked {
		d.Reason = models.ReasonDisabled
	}
	return d
}

func (in Input) forAddress(c models.Contact, a models.Address) Decision {
	d := in.decision(c, a.Channel)
	d.Slot = slot(a.Channel, cmp.Or(a.ID, c.ID))
	d.AddressID = a.ID
	d.AddressKey = a.ValueKey
	d.Reason = in.firstNo(c, a, d.Locked)
	return d
}

func (in Input) decision(c models.Contact, channel models.Channel) Decision {
	return Decision{
		Channel: channel, ContactID: c.ID, Recipient: c.Name,
		Language: cmp.Or(c.Language, in.Language),
		Locked:   in.Type.IsLocked(channel),
	}
}

// firstNo is the routing order for one address. A locked cell is a floor: what
// people switch off does not touch it; what makes sending impossible or
// forbidden (no channel, no proven address) still does.
func (in Input) firstNo(c models.Contact, a models.Address, locked bool) string {
	switch {
	case !c.Enabled && !locked:
		return models.ReasonDisabled
	case !in.configured(a.Channel):
		return models.ReasonNotConfigured
	case !in.ticked(a.Channel):
		return models.ReasonNotTicked
	case a.ID == "":
		return models.ReasonNoAddress
	case a.State == models.AddressFailed && a.Reason == models.ReasonBounced:
		return models.ReasonBounced
	case !a.Deliverable():
		return models.ReasonUnverified
	case in.Unsubscribed[a.ValueKey] && !locked:
		return models.ReasonUnsubscribed
	}
	return ""
}

func (in Input) forBot(b models.Bot) Decision {
	d := Decision{
		Slot: slot(b.Channel, b.ID), Channel: b.Channel, BotID: b.ID,
		Recipient: b.Name, Language: in.Language,
	}
	switch {
	case !b.Enabled:
		d.Reason = models.ReasonDisabled
	case !in.configured(b.Channel):
		d.Reason = models.ReasonNotConfigured
	case in.Type.Strict: // nothing can be added to it
		d.Reason = models.ReasonNotTicked
	}
	return d
}

// ticked reports whether the type goes over the channel: locked floors always,
// the default cells where the account chose nothing.
func (in Input) ticked(channel models.Channel) bool {
	return in.Type.IsLocked(channel) || in.Type.IsDefault(channel)
}

func (in Input) configured(channel models.Channel) bool {
	return slices.Contains(in.Configured, channel)
}

// channelsOf lists the outward channels to decide about, sorted: where the
// contact has an address, and what is ticked.
func (in Input) channelsOf(c models.Contact) []models.Channel {
	channels := slices.Concat(in.Type.Locked, in.Type.Default)
	for _, a := range c.Addresses {
		channels = append(channels, a.Channel)
	}
	channels = slices.DeleteFunc(channels, func(ch models.Channel) bool { return ch == models.ChannelInbox })
	slices.Sort(channels)
	return slices.Compact(channels)
}

// addressesOf returns the contact's addresses of the channel, oldest id first.
func addressesOf(c models.Contact, channel models.Channel) []models.Address {
	var out []models.Address
	for _, a := range c.Addresses {
		if a.Channel == channel {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b models.Address) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// dropDuplicates leaves one decision per channel and normalised address: the
// first that delivers. A decision that does not deliver anyway keeps its own
// reason, so that a disabled contact never takes the message away from an
// enabled one with the same address. The one that stays is locked if any was.
func dropDuplicates(decisions []Decision) {
	type key struct {
		channel models.Channel
		address string
	}
	first := map[key]int{}
	for i := range decisions {
		d := &decisions[i]
		if d.AddressKey == "" || d.Reason != "" {
			continue
		}
		k := key{d.Channel, d.AddressKey}
		if j, seen := first[k]; seen {
			d.Reason = models.ReasonDuplicate
			decisions[j].Locked = decisions[j].Locked || d.Locked
			continue
		}
		first[k] = i
	}
}

func slot(channel models.Channel, id string) string { return string(channel) + ":" + id }
