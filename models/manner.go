package models

// Manner is how notifications of a source are handled. Whoever has to know asks the
// value, not the source.
type Manner struct {
	// Inbox says that the account's inbox has a message of it.
	Inbox bool
	// Holdable says that quiet hours hold it.
	Holdable bool
	// Resendable says that it is sent again as it is; otherwise what it asks for is asked
	// anew.
	Resendable bool
	// OneAddress says that it goes to one address, which was chosen when it was accepted,
	// and nowhere else.
	OneAddress bool
	// Proof says that it asks for the proof of its address: its text has a secret, and it
	// is over when the invitation is.
	Proof bool
}

// Manner returns how notifications of the source are handled; it is fixed with the source,
// when they are accepted.
func (s Source) Manner() Manner {
	if s == SourceInvitation { // somebody asked for it just now, and waits
		return Manner{OneAddress: true, Proof: true}
	}
	return Manner{Inbox: true, Holdable: true, Resendable: true}
}
