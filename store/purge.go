package store

import (
	"context"
	"time"

	"belfry.dev/belfry/store/upkeep"
	"gorm.io/gorm"
)

// Attic is what is kept no longer.
type Attic struct{ s *Store }

// Attic returns what is kept no longer.
func (s *Store) Attic() Attic { return Attic{s: s} }

// Purge deletes rows that nobody needs any more, in small transactions:
// idempotency keys, sessions, throttles, replaced links, what deduplication remembers and
// what looked for room or a slot, that expired longer than keep ago. It returns how many.
func (h Attic) Purge(ctx context.Context, keep time.Duration) (int64, error) {
	var total int64
	for _, aging := range upkeep.Agings() {
		for left := true; left; {
			var n int64
			err := h.s.Write(ctx, func(tx *Tx) (err error) {
				rows := func() *gorm.DB { return tx.Platform().rows(ctx, "retention serves all accounts") }
				n, left, err = aging.Purge(rows, h.s.Now().Add(-keep))
				return failed("delete expired rows", err)
			})
			if total += n; err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// Compose brings some of the rows that earlier releases stored into the form that they are
// searched in, and goes on where the last call ended, in whatever process that was. It
// reports whether any may be left.
func (h Attic) Compose(ctx context.Context) (left bool, err error) {
	err = h.s.Write(ctx, func(tx *Tx) error {
		left, err = upkeep.Compose(tx.Platform().rows(ctx, "everybody's texts are searched"))
		return err
	})
	return left, failed("compose texts", err)
}
