package models

import "time"

// DestinationState is what all workers share about a bot or a provider, for all its messages.
type DestinationState struct {
	// Destination is "bot:<id>" or "provider:<id>".
	Destination string `gorm:"primaryKey"`
	AccountID   AccountID
	PausedUntil *time.Time
	// SuspendedAt is set when a person must repair it; Reason says what.
	SuspendedAt *time.Time
	Reason      string
	// Failures counts the failed attempts since the last success, FailingSince is the first.
	Failures                                   int
	FailingSince, LastSuccessAt, LastFailureAt *time.Time
	UpdatedAt                                  time.Time
}

// DestinationEffect is a change that an attempt makes to a destination.
type DestinationEffect struct {
	// Destination is "bot:<id>" or "provider:<id>"; "" changes nothing.
	Destination string
	// AccountID is the bot's account; Platform for providers.
	AccountID AccountID
	Succeeded bool
	// Used says that an attempt was made whose failure is not the destination's.
	Used         bool
	PausedUntil  *time.Time
	FailingSince time.Time // when its failures began, as the attempt knew it
	// SuspendFor is the reason to suspend it, IfFailing if nothing succeeded meanwhile; "" does not.
	SuspendFor string
	IfFailing  bool
	// Alarm is accepted when this attempt suspended it; nil for none.
	Alarm *Acceptance
	// Warning is accepted, at most once a day for each WarningOf, unless this suspends it; nil for none.
	Warning   *Acceptance
	WarningOf string
}

// BotDestination names a bot as what pauses and suspensions apply to.
func BotDestination(id string) string { return "bot:" + id }

// ProviderDestination names a provider as what pauses and suspensions apply to.
func ProviderDestination(id string) string { return "provider:" + id }
