package store

import "time"

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
}

// Work returns what workflows order.
func (s *Store) Work() Work {
	return Work{
		Deliveries: s.Deliveries(), Proofs: s.Proofs(), Rollouts: s.Rollouts(), Remindings: s.Remindings(),
		Wakeups: s.Wakeups(), Catalogue: s.Catalogue(), Attic: s.Attic(), Seals: s.Seals(),
	}
}

// Now is the store's clock.
func (h Wakeups) Now() time.Time { return h.s.Now() }
