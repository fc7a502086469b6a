package models

import "time"

// Delivery is one notification on its way to one address over one channel. A
// suppressed one was never tried: its reason says why.
type Delivery struct {
	ID             string `gorm:"primaryKey"`
	AccountID      AccountID
	NotificationID string
	// Slot makes planning repeatable; unique in the notification:
	// "<channel>:<address, contact or bot id>", "inbox:account" for the account's inbox.
	Slot      string
	Channel   Channel
	ContactID string // "" for bots and the account's inbox
	AddressID string
	BotID     string
	// Recipient is what people read: the contact's or bot's name, kept after a deletion.
	Recipient string
	// AddressKey is the normalised address; "" for bots, whose URL is a credential.
	AddressKey string `json:"-"`
	Language   string
	// Locked marks a floor that nobody can switch off.
	Locked bool
	State  DeliveryState
	Reason string
	// Attempts is the number of the newest attempt; it fences late workers.
	Attempts      int
	NextAttemptAt *time.Time
	// ReplayOf is the delivery that this one repeats, under the same key; "" for an original.
	ReplayOf string
	// EnvelopeID is the envelope that it is in with others: the delivery that leads them; ""
	// when it leads, or is alone. Attempts is then the envelope's newest that told of it.
	EnvelopeID string `gorm:"column:merged_into"`
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// Key is the idempotency key that providers get: the same for every attempt and replay.
func (d Delivery) Key() string {
	if d.ReplayOf != "" {
		return d.ReplayOf
	}
	return d.ID
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// States of a delivery. Accepted counts as delivered until a receipt says what became of it.
const (
	DeliveryPending    DeliveryState = "pending"
	DeliveryAccepted   DeliveryState = "accepted"
	DeliveryDelivered  DeliveryState = "delivered"
	DeliveryFailed     DeliveryState = "failed"
	DeliveryCancelled  DeliveryState = "cancelled"
	DeliverySuppressed DeliveryState = "suppressed"
)

// Final reports whether nothing more is tried.
func (s DeliveryState) Final() bool { return s != DeliveryPending }

// Attempt is one call to a provider. The row is written before the call; its outcome after.
type Attempt struct {
	AccountID  AccountID
	DeliveryID string `gorm:"primaryKey"`
	// Number counts from 1 in each delivery.
	Number     int `gorm:"primaryKey;autoIncrement:false"`
	ProviderID string
	// Provider is the provider's name, kept after a deletion.
	Provider   string
	StartedAt  time.Time
	FinishedAt *time.Time
	// Outcome is a class of channels; "" while under way, "unknown" when nobody can tell.
	Outcome string
	Reason  string
	// These are the provider's own words, at most 64 and 1,024 bytes, without secrets.
	ProviderCode, ProviderMessage string
	// ProviderRef is the provider's id of the message.
	ProviderRef string
	// Parts are those that a text message was sent as; zero for others, and before that.
	Parts int
	// Receipt is what the provider told later: delivered or failed; "" for nothing so far.
	Receipt                    DeliveryState
	ReceiptReason, ReceiptCode string
	ReceiptAt                  *time.Time
}

// AttemptEnd is the result of an attempt and what follows from it.
type AttemptEnd struct {
	// Attempt names its row, and carries what the provider said: FinishedAt and those after it.
	Attempt Attempt
	// Delivery is the delivery's new state, reason and next attempt.
	Delivery Delivery
	// Destination is what the attempt taught about the destination; "" for nothing.
	Destination DestinationEffect
	// Provider notes that the provider of a bot's channel is used; "" for nothing new.
	Provider DestinationEffect
	// Bounced marks the address as one that does not exist, and accepts Notice the first time.
	Bounced bool
	Notice  *Acceptance
	// Heirs may take its place if this ends it; see TakeOver.
	Heirs Heirs
	// Moved are settings of the bot that its platform replaced; nil for none.
	Moved map[string]string
}
