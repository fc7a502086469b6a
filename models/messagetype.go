package models

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/models/document"
)

// Locale is a language that Belfry ships texts in.
type Locale = string

// Locales, in the order they are offered. The first is the platform's default
// unless configured otherwise.
const (
	LocaleZH Locale = "zh-CN"
	LocaleEN Locale = "en-US"
)

// Category is a group of message types shown together.
type Category struct {
	Key      string            `json:"key" gorm:"primaryKey"`
	Position int               `json:"position"`
	Names    map[Locale]string `json:"names" gorm:"serializer:json"`
}

// CategorySecurity is the category that no quiet hour and no bound holds back.
const CategorySecurity = "security"

// Marketing stands for all marketing types where a message type's key is expected.
const Marketing = "marketing"

// SentByBelfry reports whether Belfry itself sends the message type, for what it sees
// happen: no product may speak in its place, whatever it may submit besides.
func SentByBelfry(key string) bool { return slices.Contains(OwnTypes(), key) }

// OwnTypes are those message types that are no internal ones besides: accounts subscribe to
// them.
func OwnTypes() []string {
	return []string{
		TypeBotSuspended, TypeBotFailing, TypeProviderSuspended,
		"product.expiry_30", "product.expiry_15", "product.expiry_7", "product.expiry_3", "product.expiry_1", "product.expired",
		"product.release_3", "product.release_1", "product.released",
	}
}

// Types of the platform's own alarms.
const (
	TypeBotSuspended      = "exception.bot_suspended"
	TypeBotFailing        = "exception.bot_failing"
	TypeProviderSuspended = "exception.provider_suspended"
)

// CategoryOf returns the category part of a message type's key: "account" of
// "account.low_balance"; the whole key when it has no dot.
func CategoryOf(key string) string {
	category, _, _ := strings.Cut(key, ".")
	return category
}

// MessageType is one version of a catalogue entry. Versions never change: an
// edit makes the next one, and a notification keeps the one it was accepted with.
type MessageType struct {
	// Key is "category.name".
	Key      string `json:"key"`
	Category string `json:"category"`
	// Version counts from 1.
	Version int64 `json:"version"`
	// Names and Descriptions are by locale; every locale is present.
	Names        map[Locale]string `json:"names"`
	Descriptions map[Locale]string `json:"descriptions"`
	// Audience recommends who should get it: "finance", "o&m",
	// "business_owner", "security_engineer", "sre".
	Audience []string `json:"audience"`
	Severity Severity `json:"severity"`
	// DeadlineSeconds bounds retries, counted from when it is due: 60–604,800.
	DeadlineSeconds int64 `json:"deadline_seconds"`
	// DedupWindowSeconds is for DedupWindow: 1–86,400; 0 means the default.
	DedupWindowSeconds int64 `json:"dedup_window_seconds,omitempty"`
	// SMSParts is for TextParts: 1–10; 0 means the default.
	SMSParts int `json:"sms_parts,omitempty"`
	// Default cells are ticked for an account that chose nothing; Locked ones
	// are floors that nobody can switch off (a subset of Default).
	Default []Channel `json:"default"`
	Locked  []Channel `json:"locked"`
	// Strict types can neither be added to nor taken from.
	Strict bool `json:"strict"`
	// Marketing types obey the one switch for activity messages and carry an
	// unsubscribe link.
	Marketing bool `json:"marketing"`
	// Optional types may be ended by one press in a mail, as marketing types may; see
	// MayOptOut.
	Optional bool `json:"optional,omitempty"`
	// AtMostOnce makes an attempt with an unknown outcome the last one.
	AtMostOnce bool `json:"at_most_once"`
	// Internal types are Belfry's own: it addresses them itself, nobody submits them and
	// no account chooses about them.
	Internal bool `json:"internal,omitempty"`
	Enabled  bool `json:"enabled"`
	// Variables are all that the templates may use, sorted by name.
	Variables []Variable `json:"variables"`
	// Templates are by locale; every locale is present.
	Templates map[Locale]document.Template `json:"templates"`
	// Trusted templates are shipped with Belfry; edited ones have only the
	// allow-listed placeholder language.
	Trusted bool `json:"trusted"`
}

// MessageTypeHead is a message type as it stands now: its newest version, and the
// history of the entry.
type MessageTypeHead struct {
	MessageType
	// Origin is operator once somebody changed what was shipped, or made it.
	Origin TypeOrigin
	Timestamps
}

// TypeOrigin says who wrote the newest version of a message type.
type TypeOrigin string

// Origins of a message type.
const (
	TypeShipped  TypeOrigin = "shipped"  // follows the releases of Belfry
	TypeOperator TypeOrigin = "operator" // stays as operators leave it
)

// MessageTypeRevision is one entry of a message type's history.
type MessageTypeRevision struct {
	Version   int64
	CreatedAt time.Time
	// CreatedBy is the operator's id; "" for Belfry itself.
	CreatedBy string
}

// Variable is one value that a submission gives to the templates.
type Variable struct {
	Name string `json:"name"`
	// Required variables must be submitted; others are empty when left out.
	Required bool `json:"required"`
	// Samples are by locale, for previews; every locale is present.
	Samples map[Locale]string `json:"samples"`
}

// Rendered are the texts of one notification in one locale, as stored and sent.
type Rendered struct {
	Locale  Locale
	Title   string
	Body    string
	Subject string
	Text    string
	HTML    string
	Short   string
	// Link is the absolute link of the notification; "" for none.
	Link string
	// Document is what chat platforms write in their own markup.
	Document document.Document
}

// IsLocked reports whether the channel's cell is a floor of the type.
func (t MessageType) IsLocked(c Channel) bool { return contains(t.Locked, c) }

// IsDefault reports whether the channel's cell is ticked by default.
func (t MessageType) IsDefault(c Channel) bool { return contains(t.Default, c) }

// Subscribable reports whether accounts choose who hears of the type: all that are
// enabled, but those that Belfry itself addresses.
func (t MessageType) Subscribable() bool { return t.Enabled && !t.Internal }

// Mandatory reports whether the type has a floor beside the inbox.
func (t MessageType) Mandatory() bool {
	for _, c := range t.Locked {
		if c != ChannelInbox {
			return true
		}
	}
	return false
}

// Essential reports whether nobody may end mail of the type by one press: it is
// mandatory, Belfry's own, about security, or critical.
func (t MessageType) Essential() bool {
	return t.Mandatory() || t.Strict || t.Internal || t.Category == CategorySecurity || t.Severity == SeverityCritical
}

// MayOptOut reports whether a recipient may end mail of the type by one press: it is
// optional by nature, and nothing about it is essential. Opt-outs of other types count for
// nothing.
func (t MessageType) MayOptOut() bool { return (t.Marketing || t.Optional) && !t.Essential() }

// OffersOptOut reports whether mail of a notification of the type and the severity says
// how to end such mail: a critical one does not.
func (t MessageType) OffersOptOut(s Severity) bool { return t.MayOptOut() && s != SeverityCritical }

// Keeps reports whether the type keeps the floor: it locks every cell that the floor
// locks, is strict where that is, and enabled where that locks any.
func (t MessageType) Keeps(floor MessageType) bool {
	for _, c := range floor.Locked {
		if !t.IsLocked(c) || !t.Enabled {
			return false
		}
	}
	return t.Strict || !floor.Strict
}

func contains(list []Channel, c Channel) bool {
	for _, each := range list {
		if each == c {
			return true
		}
	}
	return false
}

// Parts of a text message that a message type may be sent as.
const (
	DefaultSMSParts = 3
	MaxSMSParts     = 10
)

// TextParts is how many parts a text message of the type may have; longer ones are cut.
func (t MessageType) TextParts() int { return cmp.Or(t.SMSParts, DefaultSMSParts) }
