package models

import "time"

// Channel is a medium.
type Channel string

// Channels. Inbox needs no configuration and depends on nothing but the database.
const (
	ChannelInbox   Channel = "inbox"
	ChannelEmail   Channel = "email"
	ChannelSMS     Channel = "sms"
	ChannelWebhook Channel = "webhook"
)

// Contact is a person that can be reached. The account contact is the account
// itself; there is exactly one per account.
type Contact struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	Kind      ContactKind
	// Name is 1–20 code points in NFC, without white space, control or invisible
	// characters; names may repeat.
	Name string
	// NameKey is what the name is searched by; store keeps it.
	NameKey string `json:"-"`
	// Position is a key of the list of positions; "" for none.
	Position string
	// UserID links the contact to a user, who then has its messages in the
	// personal inbox; "" for none.
	UserID   string
	Language string // a locale; "" means the account's
	TimeZone string // an IANA name; "" means the account's
	Enabled  bool
	Version  int64
	Timestamps
	Addresses []Address `gorm:"foreignKey:ContactID"`
}

// ContactKind tells the account contact from the others.
type ContactKind string

// Kinds of contacts.
const (
	ContactAccount ContactKind = "account"
	ContactPerson  ContactKind = "person"
)

// Address is one way to reach a contact over one channel.
type Address struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	ContactID string
	Channel   Channel
	// Value is what the person typed, ValueKey its normal form: compared and
	// de-duplicated by.
	Value    string
	ValueKey string
	State    AddressState
	// Reason says why the state is failed; "" otherwise.
	Reason string
	// StateAt is when it came into its state.
	StateAt time.Time
	// Leaving says that the owner replaced it, and that it stays in use until
	// another address of its channel is proven.
	Leaving bool
	Timestamps
}

// AddressState is how far an address is proven.
type AddressState string

// States of an address.
const (
	AddressPending  AddressState = "pending"
	AddressVerified AddressState = "verified"
	AddressFailed   AddressState = "failed"
	AddressExpired  AddressState = "expired"
	AddressWaived   AddressState = "waived"
)

// Deliverable reports whether notifications may be written to the address.
func (a Address) Deliverable() bool { return a.State.Deliverable() }

// Deliverable reports whether notifications may be written to an address in the
// state: nothing is left to prove.
func (s AddressState) Deliverable() bool { return s == AddressVerified || s == AddressWaived }

// Provider is one configured way to send over a channel; a channel may have
// several, tried by Position, lowest first.
type Provider struct {
	ID      string `gorm:"primaryKey"`
	Channel Channel
	// Kind is the adapter's: "smtp", "sms_http", "webhook".
	Kind     string
	Name     string
	Position int
	Enabled  bool
	// Settings are the descriptor's fields that are no secrets.
	Settings map[string]string `gorm:"serializer:json"`
	// Secrets are the descriptor's secret fields, encrypted; write-only.
	Secrets []byte `json:"-"`
	Version int64
	Timestamps
}

// Bot is a group-chat robot or webhook of an account.
type Bot struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Channel is the bot's medium; its adapter sends it.
	Channel Channel
	Name    string
	// Settings and Secrets are as in Provider; the webhook's URL is a secret.
	Settings map[string]string `gorm:"serializer:json"`
	Secrets  []byte            `json:"-"`
	// Hint is what may be shown of the URL: scheme, host and an ellipsis.
	Hint    string
	Enabled bool
	Version int64
	Timestamps
}

// DestinationState is what all workers share about a destination: a bot or a
// provider. Waits and suspensions apply to it as a whole, not to one message.
type DestinationState struct {
	// Destination is "bot:<id>" or "provider:<id>".
	Destination string `gorm:"primaryKey"`
	AccountID   AccountID
	PausedUntil *time.Time
	// SuspendedAt is set when a person must repair it; Reason says what.
	SuspendedAt *time.Time
	Reason      string
	// Failures counts the failed attempts since the last success.
	Failures      int
	LastSuccessAt *time.Time
	LastFailureAt *time.Time
	UpdatedAt     time.Time
}
