// Package routing holds the rules over several nouns: who hears a notification
// over which channel, and why not; and which provider carries it. It is pure:
// no clock, no database, no randomness.
package routing

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"belfry.dev/belfry/models"
)

// Input is everything that routing one notification depends on.
type Input struct {
	models.Targets
	Type models.MessageType
	// Severity is the notification's.
	Severity models.Severity
	// Now is when it is routed: quiet hours and the days of caps depend on it. At ExpiresAt
	// its life ends; zero is never.
	Now       time.Time
	ExpiresAt time.Time
	// Brief says that the submission itself wants it to end then: nothing makes it live longer.
	Brief bool
	// InboxWritten says that acceptance wrote the message of the account's inbox.
	InboxWritten bool
	// Text returns title and body in a language, folded by models.SearchText; it is
	// asked only for recipients that have words. Nil is no text.
	Text func(language string) string
}

// decision is a delivery on its way: a Reason speaks against it.
type decision struct {
	models.Delivery
	// owner is the user whose personal inbox it is; "" on every other channel.
	owner string
	// until is when the recipient's quiet hours end; zero delivers at once.
	until time.Time
	// gathering is the envelope that it joins; zero for none.
	gathering models.Gathering
}

// delivers reports whether a delivery is made, at once or later.
func (d decision) delivers() bool { return d.Reason == "" }

// decide decides about every target and bot: the first "no" is the recorded reason. Contacts
// come first in the order given, each by channel and address; then the account contact where
// a floor needs it; then the bots in the order given. Bounds are left out.
func (in Input) decide() []decision {
	targets := in.targets()
	decisions := make([]decision, 0, 4*len(targets)+len(in.Bots))
	for _, c := range targets {
		decisions = append(decisions, in.forContact(c)...)
	}
	decisions = append(decisions, in.floor(targets, decisions)...)
	dropDuplicates(decisions)
	for _, b := range in.Bots {
		if in.Choice.WritesTo(b.ID) {
			decisions = append(decisions, in.forBot(b))
		}
	}
	if !in.ExpiresAt.IsZero() && !in.Now.Before(in.ExpiresAt) {
		expire(decisions)
	}
	return decisions
}

// expire stops what would leave: the notification's life is over. Inboxes get everything.
func expire(decisions []decision) {
	for i := range decisions {
		if d := &decisions[i]; d.delivers() && d.Channel != models.ChannelInbox {
			d.Reason = models.ReasonExpired
		}
	}
}

// targets are whom the account chose; the account contact when it chose nobody who
// exists, and whatever it chose when the type is strict. A group without members is
// somebody's choice, too: it reaches nobody.
func (in Input) targets() []models.Contact {
	byContacts := in.Choice.Kind == models.TargetContacts && len(in.Contacts) > 0
	if !in.Type.Strict && (byContacts || in.Choice.Kind == models.TargetGroups) {
		return in.Contacts
	}
	if in.AccountContact == nil {
		return nil
	}
	return []models.Contact{*in.AccountContact}
}

// floor decides about the account contact for every locked cell over which no target is
// reached: somebody hears of it, whatever people switched off or deleted.
func (in Input) floor(targets []models.Contact, decided []decision) []decision {
	account := in.AccountContact
	if account == nil || slices.ContainsFunc(targets, func(c models.Contact) bool { return c.ID == account.ID }) {
		return nil
	}
	var out []decision
	for _, channel := range sorted(in.Type.Locked) {
		reached := slices.ContainsFunc(decided, func(d decision) bool { return d.Channel == channel && d.delivers() })
		if channel != models.ChannelInbox && !reached {
			out = append(out, in.forChannel(*account, channel)...)
		}
	}
	return out
}

// forContact decides about the contact's personal inbox, its addresses, and the
// ticked channels it has no address for.
func (in Input) forContact(c models.Contact) []decision {
	var out []decision
	if c.UserID != "" {
		out = append(out, in.forPersonalInbox(c))
	}
	for _, channel := range in.channelsOf(c) {
		out = append(out, in.forChannel(c, channel)...)
	}
	return out
}

// forChannel decides about the contact's addresses of the channel, or about the lack of one.
func (in Input) forChannel(c models.Contact, channel models.Channel) []decision {
	addresses := addressesOf(c, channel)
	if len(addresses) == 0 {
		return []decision{in.forAddress(c, models.Address{Channel: channel})}
	}
	out := make([]decision, 0, len(addresses))
	for _, a := range addresses {
		out = append(out, in.forAddress(c, a))
	}
	return out
}

func (in Input) forPersonalInbox(c models.Contact) decision {
	d := in.decision(c, models.ChannelInbox)
	d.Slot = slot(models.ChannelInbox, c.ID)
	d.owner = c.UserID
	if c.Off() {
		d.Reason = models.ReasonDisabled
	}
	return d
}

func (in Input) forAddress(c models.Contact, a models.Address) decision {
	d := in.decision(c, a.Channel)
	d.Slot = slot(a.Channel, cmp.Or(a.ID, c.ID))
	d.AddressID = a.ID
	d.AddressKey = a.ValueKey
	d.Reason = Eligible(in.moment(c, a, d))
	if d.Reason == "" {
		quiet := Quiet{Type: in.Type, Severity: in.Severity, Locked: d.Locked, Preferences: in.Preferences[c.ID], TimeZone: cmp.Or(c.TimeZone, in.TimeZone)}
		d.until, _ = quiet.Until(in.Now)
		in.gather(&d, quiet.Preferences, quiet.TimeZone)
	}
	return d
}

func (in Input) decision(c models.Contact, channel models.Channel) decision {
	return decision{Delivery: models.Delivery{
		Channel: channel, ContactID: c.ID, Recipient: c.Name,
		Language: cmp.Or(c.Language, in.Language),
		Locked:   in.Type.IsLocked(channel),
	}}
}

func (in Input) forBot(b models.Bot) decision {
	d := decision{Delivery: models.Delivery{
		Slot: slot(b.Channel, b.ID), Channel: b.Channel, BotID: b.ID,
		Recipient: b.Name, Language: in.Language,
	}}
	d.Reason = Eligible(in.momentOfBot(b, d))
	in.gather(&d, in.Preferences[b.ID], in.TimeZone)
	return d
}

// counters are the counts of quotas so far, to count on.
func (in Input) counters() map[string]int {
	if in.Used == nil {
		return map[string]int{}
	}
	return maps.Clone(in.Used)
}

// quotas are what the decision counts against: the type's cap of the channel and day,
// then the recipient's of the hour. None for one that delivers nothing, into inboxes, or
// whatever happens; a digest counts when it closes.
func (in Input) quotas(d decision) []models.Quota {
	if !d.delivers() || d.gathering.Gathers != "" || d.Channel == models.ChannelInbox || urgent(in.Type, in.Severity, d.Locked) {
		return nil
	}
	var out []models.Quota
	if q, bounded := capped(in.Type.Key, d.Channel, in.Choice, in.TimeZone, in.Now); bounded {
		out = append(out, q)
	}
	recipient := cmp.Or(d.ContactID, d.BotID)
	if q, bounded := hourly(recipient, in.Preferences[recipient].MaxPerHour, in.Now); bounded {
		out = append(out, q)
	}
	return out
}

// QuotaKeys are the counters that Plan looks at, sorted: Used must hold those that are
// not zero.
func (in Input) QuotaKeys() []string {
	if !in.bounded() {
		return nil
	}
	var keys []string
	for _, d := range in.decide() {
		for _, q := range in.quotas(d) {
			keys = append(keys, q.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (in Input) bounded() bool {
	for _, p := range in.Preferences {
		if p.MaxPerHour > 0 {
			return true
		}
	}
	return len(in.Choice.Caps) > 0
}

func sorted(channels []models.Channel) []models.Channel {
	out := slices.Clone(channels)
	slices.Sort(out)
	return out
}

// channelsOf lists the outward channels to decide about, sorted: where the
// contact has an address, and what is ticked.
func (in Input) channelsOf(c models.Contact) []models.Channel {
	channels := slices.Concat(in.Type.Locked, in.Type.Default, in.Choice.Channels)
	channels = slices.DeleteFunc(channels, func(ch models.Channel) bool { return !in.Choice.Ticks(in.Type, ch) })
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
func dropDuplicates(decisions []decision) {
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
