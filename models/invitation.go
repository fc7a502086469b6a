package models

import "time"

// Invitation is the request to verify one address, with its reminders and its
// expiry. An address has at most one that is pending.
type Invitation struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	ContactID string
	AddressID string
	Channel   Channel
	// AddressKey is the normalised address that it proves, and no other.
	AddressKey string `json:"-"`
	State      InvitationState
	// Round counts the messages with a new link and code: the first is 1, a resend
	// the next. Link and code of earlier rounds are replaced.
	Round int
	// TokenHash is the SHA-256 of the link's token; nil once it ended.
	TokenHash []byte `json:"-"`
	// CodeHash is a keyed hash of the code, bound to the invitation; nil once the
	// code was used up.
	CodeHash []byte `json:"-"`
	// Sealed is the link's token and the code, encrypted, for the messages that
	// carry them; nil once it ended.
	Sealed []byte `json:"-"`
	// CodeTries counts the guesses at the code of this round.
	CodeTries int
	// CodeExpiresAt ends the code, LinkExpiresAt the link and the invitation.
	CodeExpiresAt time.Time
	LinkExpiresAt time.Time
	// SentAt is when the newest round was ordered: the cool-down of a resend
	// counts from it.
	SentAt time.Time
	// Reminders counts those that were sent.
	Reminders int
	// NextAt is when its workflow must act; nil once it ended.
	NextAt    *time.Time
	CreatedAt time.Time
	EndedAt   *time.Time
}

// InvitationState is how far an invitation is.
type InvitationState string

// States of an invitation. All but pending are final.
const (
	InvitationPending   InvitationState = "pending"
	InvitationConfirmed InvitationState = "confirmed"
	InvitationExpired   InvitationState = "expired"
	InvitationCancelled InvitationState = "cancelled" // the address is gone, changed, waived or invited anew
)
