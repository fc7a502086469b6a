package routing

import (
	"slices"

	"belfry.dev/belfry/models"
)

// Moment is all that decides whether one recipient may be written to over one channel: when
// it is planned, and again before every attempt.
type Moment struct {
	Type    models.MessageType
	Channel models.Channel
	// Locked marks a floor.
	Locked bool
	// Choice is what the account chose for the type; MarketingOff, for all of them.
	Choice       models.Choice
	MarketingOff bool
	// Gone says that the recipient, or the address, is not the one that was planned any more.
	Gone bool
	// Off says that the recipient is switched off.
	Off bool
	// Offered says that the channel has a provider. What is planned waits for one instead.
	Offered bool
	// Bot says that it is one: it has no address to look at.
	Bot bool
	// Address has no id where the contact has none for the channel.
	Address models.Address
	// Unsubscribed says that the address's owner wants no such messages.
	Unsubscribed bool
	// Preferences are the recipient's; Text returns what they look at: title and body,
	// folded by models.SearchText. Nil is no text.
	Preferences models.Preferences
	Text        func() string
}

// Eligible returns "" when the recipient may be written to, else the first reason against
// it, in the order of docs/reasons.md#routing. A locked cell is a floor: what people
// switch off does not touch it. That the recipient is gone or switched off does, and so does
// what makes sending impossible or forbidden: no channel, no proven address.
func Eligible(m Moment) string {
	switch {
	case m.Gone:
		return models.ReasonDeleted
	case m.Off:
		return models.ReasonDisabled
	case !m.Offered:
		return models.ReasonNotConfigured
	case m.Type.Marketing && m.MarketingOff:
		return models.ReasonMarketingOff
	case !m.ticked():
		return models.ReasonNotTicked
	}
	if reason := m.unreachable(); reason != "" {
		return reason
	}
	return m.unwanted()
}

// ticked reports whether the type goes over the channel. A bot is chosen by itself, but
// nothing can be added to a strict type.
func (m Moment) ticked() bool {
	if m.Bot {
		return !m.Type.Strict
	}
	return m.Choice.Ticks(m.Type, m.Channel)
}

// unreachable is the reason that lies in the address; "" for none.
func (m Moment) unreachable() string {
	switch a := m.Address; {
	case m.Bot:
		return ""
	case a.ID == "":
		return models.ReasonNoAddress
	case a.State == models.AddressFailed && a.Reason == models.ReasonRecipientInvalid:
		return models.ReasonBounced
	case !a.Deliverable():
		return models.ReasonUnverified
	}
	return ""
}

// unwanted is the reason that lies in what the recipient wants; "" for none.
func (m Moment) unwanted() string {
	switch {
	case m.Locked, m.Bot && m.Type.Mandatory():
		return ""
	case m.Unsubscribed:
		return models.ReasonUnsubscribed
	case m.filtered():
		return models.ReasonFiltered
	}
	return ""
}

// filtered reports whether the recipient's words stop the text.
func (m Moment) filtered() bool {
	if !m.Preferences.Filters() {
		return false
	}
	text := ""
	if m.Text != nil {
		text = m.Text()
	}
	return !m.Preferences.Passes(text)
}

// Again is the moment before an attempt of the delivery, of a notification of the type, to
// the recipient as it is now; text is as in Moment. The rest is as it was planned: targets are chosen once, bounds
// are counted once, and a channel without a provider is waited for.
func Again(t models.MessageType, d models.Delivery, r models.Recipient, text func() string) Moment {
	m := Moment{
		Type: t, Channel: d.Channel, Locked: d.Locked, Choice: r.Choice, MarketingOff: r.MarketingOff, Offered: true,
		Off: r.Disabled, Text: text, Bot: d.BotID != "", Address: r.Address, Preferences: r.Preferences,
		Unsubscribed: t.MayOptOut() && (r.Unsubscribed || r.NoMarketing && t.Marketing),
	}
	if m.Bot {
		m.Gone = r.Bot == nil
	} else {
		m.Gone = r.Address.ID == "" || r.Address.ValueKey != d.AddressKey
	}
	return m
}

// moment is that of planning the contact's address, or the lack of one.
func (in Input) moment(c models.Contact, a models.Address, d decision) Moment {
	return Moment{
		Type: in.Type, Channel: a.Channel, Locked: d.Locked, Choice: in.Choice, MarketingOff: in.MarketingOff,
		Off: c.Off(), Offered: in.configured(a.Channel), Address: a, Preferences: in.Preferences[c.ID], Text: in.textIn(d.Language),
		Unsubscribed: in.Type.MayOptOut() && (in.Unsubscribed[a.ValueKey] || in.optedOut(c)),
	}
}

// momentOfBot is that of planning the bot.
func (in Input) momentOfBot(b models.Bot, d decision) Moment {
	return Moment{
		Type: in.Type, Channel: b.Channel, MarketingOff: in.MarketingOff, Off: !b.Enabled, Offered: in.configured(b.Channel),
		Bot: true, Preferences: in.Preferences[b.ID], Text: in.textIn(d.Language),
	}
}

func (in Input) textIn(language string) func() string {
	if in.Text == nil {
		return nil
	}
	return func() string { return in.Text(language) }
}

func (in Input) configured(channel models.Channel) bool {
	return slices.Contains(in.Configured, channel)
}

// silenced reports whether the account's one switch turns the type off.
func (in Input) silenced() bool { return in.Type.Marketing && in.MarketingOff }

// optedOut reports whether the contact wants no marketing: the link in a mail counts for
// all its addresses.
func (in Input) optedOut(c models.Contact) bool {
	return in.Type.Marketing && slices.ContainsFunc(c.Addresses, func(a models.Address) bool { return in.NoMarketing[a.ValueKey] })
}
