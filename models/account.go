package models

// Account is a tenant.
type Account struct {
	ID AccountID `gorm:"primaryKey"`
	// Alias is what people type to sign in: 3–32 of a–z, 0–9 and "-", unique.
	Alias string
	Name  string
	// Language is the account's locale: "zh-CN" or "en-US".
	Language string
	// TimeZone is an IANA name.
	TimeZone string
	Enabled  bool
	// MaxContacts, MaxGroups and MaxBots limit what the account may have; the
	// account contact does not count.
	MaxContacts int
	MaxGroups   int
	MaxBots     int
	// InboxPerResource keeps one message for each resource in the account's inbox
	// where one reminder tells of several.
	InboxPerResource bool
	Version          int64
	Timestamps
}

// Limits of an account unless an operator says otherwise. Source: product rules,
// contacts.
const (
	DefaultMaxContacts = 20
	DefaultMaxGroups   = 12
	DefaultMaxBots     = 20
)
