package store

import (
	"time"

	"belfry.dev/belfry/store/slots"
)

// Work is what workflows, and the loops beside them, order of the store.
type Work struct {
	Deliveries
	Proofs
	Rollouts
	Remindings
	Wakeups
	Catalogue
	Attic
	Seals
	slots.Slots
}

// Work returns what workflows order.
func (s *Store) Work() Work {
	return Work{s.Deliveries(), s.Proofs(), s.Rollouts(), s.Remindings(), s.Wakeups(), s.Catalogue(), s.Attic(), s.Seals(), slots.New(s.engine.Reader, s.engine.Writer, s.Now, s.vault.bucket)}
}

// Now is the store's clock.
func (h Wakeups) Now() time.Time { return h.s.Now() }
