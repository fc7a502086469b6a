package models

import (
	"slices"
	"strings"
	"time"
)

// Subscription is what an account chose for one message type, or, under the key
// Every, for all of them. Without a row nothing was chosen.
type Subscription struct {
	AccountID AccountID `gorm:"primaryKey"`
	TypeKey   string    `gorm:"primaryKey"`
	Choice    Choice    `gorm:"serializer:json"`
	UpdatedAt time.Time
}

// Choice is who hears of a message type over what. The zero value chose nothing: the
// catalogue's cells, the account contact, every bot.
type Choice struct {
	// Channels are the outward channels that are ticked, sorted; nil leaves it to the
	// catalogue. Locked cells are ticked in any case.
	Channels []Channel `json:"channels"`
	// Kind says what the targets are: contacts or contact groups, never both. It is
	// TargetAccount, and there are no targets, when the account contact gets it.
	Kind    TargetKind `json:"target_kind"`
	Targets []string   `json:"targets"`
	// Bots is the second, independent list; nil means every bot of the account, also
	// those that are made later.
	Bots []string `json:"bots"`
	// Caps bound how many deliveries a channel makes per day of the account's time
	// zone; channels without a number have no bound.
	Caps map[Channel]int `json:"caps,omitempty"`
	// FellBack says that the last target was deleted: since then the account contact
	// gets it. The next choice of targets ends it.
	FellBack bool `json:"fell_back,omitempty"`
	// MarketingOff switches all marketing types off; only under the key Every.
	MarketingOff bool `json:"marketing_off,omitempty"`
}

// TargetKind says what the targets of a subscription are.
type TargetKind string

// Kinds of targets.
const (
	TargetAccount  TargetKind = "" // the account contact, because nobody is named
	TargetContacts TargetKind = "contacts"
	TargetGroups   TargetKind = "groups"
)

// IsZero reports whether nothing was chosen.
func (c Choice) IsZero() bool {
	return c.Channels == nil && c.Kind == TargetAccount && c.Bots == nil && len(c.Caps) == 0 && !c.FellBack && !c.MarketingOff
}

// Equal reports whether both choose the same.
func (c Choice) Equal(o Choice) bool {
	return slices.Equal(c.Channels, o.Channels) && (c.Channels == nil) == (o.Channels == nil) &&
		c.Kind == o.Kind && slices.Equal(c.Targets, o.Targets) &&
		slices.Equal(c.Bots, o.Bots) && (c.Bots == nil) == (o.Bots == nil) &&
		equalCaps(c.Caps, o.Caps) && c.FellBack == o.FellBack && c.MarketingOff == o.MarketingOff
}

func equalCaps(a, b map[Channel]int) bool {
	if len(a) != len(b) {
		return false
	}
	for channel, n := range a {
		if m, ok := b[channel]; !ok || m != n {
			return false
		}
	}
	return true
}

// Ticks reports whether the type goes over the channel: locked cells and the inbox
// always, the catalogue's where nothing was chosen.
func (c Choice) Ticks(t MessageType, channel Channel) bool {
	switch {
	case channel == ChannelInbox || t.IsLocked(channel):
		return true
	case c.Channels == nil || t.Strict:
		return t.IsDefault(channel)
	}
	return slices.Contains(c.Channels, channel)
}

// ChannelsOf are the outward channels that apply: what was chosen, or else the cells that
// the catalogue ticks or locks. They are sorted; empty, never nil.
func (c Choice) ChannelsOf(t MessageType) []Channel {
	applied := slices.Clone(c.Channels)
	if c.Channels == nil {
		applied = slices.Concat(t.Default, t.Locked)
	}
	applied = slices.DeleteFunc(applied, func(each Channel) bool { return each == ChannelInbox })
	slices.Sort(applied)
	return append([]Channel{}, slices.Compact(applied)...)
}

// WritesTo reports whether the choice has the bot among its bots.
func (c Choice) WritesTo(bot string) bool { return c.Bots == nil || slices.Contains(c.Bots, bot) }

// Uses reports whether the contact or group is a target, or the bot is named.
func (c Choice) Uses(id string) bool {
	return slices.Contains(c.Targets, id) || slices.Contains(c.Bots, id)
}

// Without returns the choice without a contact, group or bot that is gone. When it was
// the last target, the account contact gets the type from then on, and FellBack says so.
func (c Choice) Without(id string) Choice {
	gone := func(each string) bool { return each == id }
	if slices.Contains(c.Bots, id) {
		c.Bots = slices.DeleteFunc(slices.Clone(c.Bots), gone) // empty, not nil: no bot is not every bot
	}
	if slices.Contains(c.Targets, id) {
		c.Targets = slices.DeleteFunc(slices.Clone(c.Targets), gone)
		if len(c.Targets) == 0 {
			c.Kind, c.Targets, c.FellBack = TargetAccount, nil, true
		}
	}
	return c
}

// Matrix is what an account chose for all message types.
type Matrix struct {
	// Version counts from 1, which is when nothing was ever chosen.
	Version int64
	// Choices are by message type; Every holds what is chosen for all of them. Never nil.
	Choices map[string]Choice
}

// MarketingOff reports whether the account wants no marketing at all.
func (m Matrix) MarketingOff() bool { return m.Choices[Every].MarketingOff }

// Differences are the types whose choices differ between two matrices, sorted.
func (m Matrix) Differences(o Matrix) []string {
	var keys []string
	for key, mine := range m.Choices {
		if other := o.Choices[key]; !mine.Equal(other) {
			keys = append(keys, key)
		}
	}
	for key, other := range o.Choices {
		if _, known := m.Choices[key]; !known && !other.IsZero() {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// SubscriptionChange is one row of the history: what became of one message type's
// choice with one version of the matrix. Rows never change.
type SubscriptionChange struct {
	AccountID AccountID `gorm:"primaryKey"`
	// Version is the matrix's after the change; one change may touch many types.
	Version   int64  `gorm:"primaryKey;autoIncrement:false"`
	TypeKey   string `gorm:"primaryKey"`
	At        time.Time
	ActorKind ActorKind
	ActorID   string
	ActorName string
	// Action is the operation that made it: "subscription.update", "contact.delete".
	Action string
	// Before and After are nil where nothing was chosen.
	Before *Choice `gorm:"serializer:json"`
	After  *Choice `gorm:"serializer:json"`
}

// Preferences are what a contact or a bot wants for itself, whatever the types.
type Preferences struct {
	AccountID   AccountID `gorm:"primaryKey"`
	RecipientID string    `gorm:"primaryKey"`
	// AllowWords, when there are any, let only texts pass that hold one of them;
	// DenyWords stop texts that hold one. Title and body count, without regard to case.
	AllowWords []string `gorm:"serializer:json"`
	DenyWords  []string `gorm:"serializer:json"`
	// QuietFrom and QuietTo are local times "22:00"; both "" for no quiet hours.
	// QuietTo may be earlier in the day: then the night lies between them.
	QuietFrom string
	QuietTo   string
	// QuietZone is an IANA name; "" means the contact's time zone, else the account's.
	QuietZone string
	// MaxPerHour bounds the deliveries to the recipient in an hour; 0 does not.
	MaxPerHour int
	// Digests are what it wants gathered into one message.
	Digests []Digest `gorm:"serializer:json"`
	Version int64
	Timestamps
}

// TableName is the table's name.
func (Preferences) TableName() string { return "preferences" }

// Filters reports whether texts must be looked at.
func (p Preferences) Filters() bool { return len(p.AllowWords)+len(p.DenyWords) > 0 }

// Passes reports whether a text, folded by SearchText, gets through the words.
func (p Preferences) Passes(folded string) bool {
	for _, word := range p.DenyWords {
		if strings.Contains(folded, Fold(word)) {
			return false
		}
	}
	for _, word := range p.AllowWords {
		if strings.Contains(folded, Fold(word)) {
			return true
		}
	}
	return len(p.AllowWords) == 0
}
