package models

import "time"

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
