package models

import "time"

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
	// Proof is how a pending one is proven, as its channel says; only set where it is stored.
	Proof AddressProof `gorm:"-" json:"-"`
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
