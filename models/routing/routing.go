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
	"belfry.dev/belfry/models/schedule"
)

// Input is everything that routing one notification depends on.
type Input struct {
	models.Targets
	Type models.MessageType
	// Severity is the notification's.
	Severity models.Severity
	// Now is when it is routed: quiet hours and the days of caps depend on it.
	Now time.Time
	// Text returns title and body in a language, folded by models.SearchText; it is
	// asked only for recipients that have words. Nil is no text.
	Text func(language string) string
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
	// HoldUntil is when the recipient's quiet hours end; zero delivers at once.
	HoldUntil time.Time
}

// Delivers reports whether a delivery is made, at once or later.
func (d Decision) Delivers() bool { return d.Reason == "" }

// Route decides about every target and bot, in the order of docs/reasons.md#routing: the
// first "no" is the recorded reason. Contacts come first in the order given,
// each by channel and address; then the account contact where a floor needs it; then the
// bots in the order given. Slots are unique as long as ids are; the result is never nil.
func Route(in Input) []Decision {
	targets := in.targets()
	decisions := make([]Decision, 0, 4*len(targets)+len(in.Bots))
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
	in.bound(decisions)
	return decisions
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
func (in Input) floor(targets []models.Contact, decided []Decision) []Decision {
	account := in.AccountContact
	if account == nil || slices.ContainsFunc(targets, func(c models.Contact) bool { return c.ID == account.ID }) {
		return nil
	}
	var out []Decision
	for _, channel := range sorted(in.Type.Locked) {
		reached := slices.ContainsFunc(decided, func(d Decision) bool { return d.Channel == channel && d.Delivers() })
		if channel != models.ChannelInbox && !reached {
			out = append(out, in.forChannel(*account, channel)...)
		}
	}
	return out
}

// forContact decides about the contact's personal inbox, its addresses, and the
// ticked channels it has no address for.
func (in Input) forContact(c models.Contact) []Decision {
	var out []Decision
	if c.UserID != "" {
		out = append(out, in.forPersonalInbox(c))
	}
	for _, channel := range in.channelsOf(c) {
		out = append(out, in.forChannel(c, channel)...)
	}
	return out
}

// forChannel decides about the contact's addresses of the channel, or about the lack of one.
func (in Input) forChannel(c models.Contact, channel models.Channel) []Decision {
	addresses := addressesOf(c, channel)
	if len(addresses) == 0 {
		return []Decision{in.forAddress(c, models.Address{Channel: channel})}
	}
	out := make([]Decision, 0, len(addresses))
	for _, a := range addresses {
		out = append(out, in.forAddress(c, a))
	}
	return out
}

func (in Input) forPersonalInbox(c models.Contact) Decision {
	d := in.decision(c, models.ChannelInbox)
	d.Slot = slot(models.ChannelInbox, c.ID)
	d.UserID = c.UserID
	if off(c) {
		d.Reason = models.ReasonDisabled
	}
	return d
}

// off reports whether the contact is switched off. The account contact never is: it is
// the account itself.
func off(c models.Contact) bool { return !c.Enabled && c.Kind != models.ContactAccount }

func (in Input) forAddress(c models.Contact, a models.Address) Decision {
	d := in.decision(c, a.Channel)
	d.Slot = slot(a.Channel, cmp.Or(a.ID, c.ID))
	d.AddressID = a.ID
	d.AddressKey = a.ValueKey
	d.Reason = in.firstNo(c, a, d)
	if d.Reason == "" {
		quiet := Quiet{Type: in.Type, Severity: in.Severity, Locked: d.Locked, Preferences: in.Preferences[c.ID], TimeZone: cmp.Or(c.TimeZone, in.TimeZone)}
		d.HoldUntil, _ = quiet.Until(in.Now)
	}
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
func (in Input) firstNo(c models.Contact, a models.Address, d Decision) string {
	switch {
	case off(c):
		return models.ReasonDisabled
	case !in.configured(a.Channel):
		return models.ReasonNotConfigured
	case in.silenced():
		return models.ReasonMarketingOff
	case !in.Choice.Ticks(in.Type, a.Channel):
		return models.ReasonNotTicked
	case a.ID == "":
		return models.ReasonNoAddress
	case a.State == models.AddressFailed && a.Reason == models.ReasonRecipientInvalid:
		return models.ReasonBounced
	case !a.Deliverable():
		return models.ReasonUnverified
	case d.Locked:
		return ""
	case in.Unsubscribed[a.ValueKey] || in.optedOut(c):
		return models.ReasonUnsubscribed
	case in.filtered(c.ID, d.Language):
		return models.ReasonFiltered
	}
	return ""
}

// silenced reports whether the account's one switch turns the type off.
func (in Input) silenced() bool { return in.Type.Marketing && in.MarketingOff }

// optedOut reports whether the contact wants no marketing: the link in a mail counts for
// all its addresses.
func (in Input) optedOut(c models.Contact) bool {
	return in.Type.Marketing && slices.ContainsFunc(c.Addresses, func(a models.Address) bool { return in.NoMarketing[a.ValueKey] })
}

// filtered reports whether the recipient's words stop the text.
func (in Input) filtered(recipient, language string) bool {
	p := in.Preferences[recipient]
	if !p.Filters() {
		return false
	}
	text := ""
	if in.Text != nil {
		text = in.Text(language)
	}
	return !p.Passes(text)
}

// urgent reports whether no bound and no quiet hour holds for the delivery.
func (in Input) urgent(d Decision) bool { return urgent(in.Type, in.Severity, d.Locked) }

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
	case in.silenced():
		d.Reason = models.ReasonMarketingOff
	case in.Type.Strict: // nothing can be added to it
		d.Reason = models.ReasonNotTicked
	case !in.Type.Mandatory() && in.filtered(b.ID, d.Language):
		d.Reason = models.ReasonFiltered
	}
	return d
}

// bound applies what is left of the quotas, in the order of the decisions.
func (in Input) bound(decisions []Decision) {
	used := maps.Clone(in.Used)
	if used == nil {
		used = map[string]int{}
	}
	for i := range decisions {
		d := &decisions[i]
		if reason := models.Take(used, in.Quotas(*d)); reason != "" {
			d.Reason, d.HoldUntil = reason, time.Time{}
		}
	}
}

// Quotas are what the decision counts against: the type's cap of the channel and day,
// then the recipient's of the hour. None for one that delivers nothing, into inboxes, or
// whatever happens.
func (in Input) Quotas(d Decision) []models.Quota {
	if !d.Delivers() || d.Channel == models.ChannelInbox || in.urgent(d) {
		return nil
	}
	var out []models.Quota
	if limit, bounded := in.Choice.Caps[d.Channel]; bounded {
		day, ends := schedule.Day(in.Now, in.TimeZone)
		out = append(out, models.Quota{
			Key:   "cap/" + in.Type.Key + "/" + string(d.Channel) + "/" + day,
			Limit: limit, EndsAt: ends, Reason: models.ReasonCapped,
		})
	}
	recipient := cmp.Or(d.ContactID, d.BotID)
	if limit := in.Preferences[recipient].MaxPerHour; limit > 0 {
		hour := in.Now.UTC().Truncate(time.Hour)
		out = append(out, models.Quota{
			Key:   "hour/" + recipient + "/" + hour.Format(time.RFC3339),
			Limit: limit, EndsAt: hour.Add(time.Hour), Reason: models.ReasonThrottled,
		})
	}
	return out
}

// QuotaKeys are the counters that Route looks at, sorted: Used must hold those that are
// not zero.
func (in Input) QuotaKeys() []string {
	if !in.bounded() {
		return nil
	}
	in.Used = nil
	free := in.unbounded()
	var keys []string
	for _, d := range Route(free) {
		for _, q := range in.Quotas(d) {
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

// unbounded is the input without bounds: what could count.
func (in Input) unbounded() Input {
	in.Preferences = maps.Clone(in.Preferences)
	for id, p := range in.Preferences {
		p.MaxPerHour = 0
		in.Preferences[id] = p
	}
	in.Choice.Caps = nil
	return in
}

func (in Input) configured(channel models.Channel) bool {
	return slices.Contains(in.Configured, channel)
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
