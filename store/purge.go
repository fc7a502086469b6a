package store

import (
	"context"
	"time"

	"belfry.dev/belfry/store/upkeep"
)

// purgeBatch bounds the rows that one transaction deletes.
const purgeBatch = 500

// Attic is what is kept no longer.
type Attic struct{ s *Store }

// Attic returns what is kept no longer.
func (s *Store) Attic() Attic { return Attic{s: s} }

// Purge deletes rows that nobody needs any more, in small transactions:
// idempotency keys, sessions, throttles, replaced links, what deduplication remembers and
// what looked for room, that expired longer than keep ago. It returns how many.
func (h Attic) Purge(ctx context.Context, keep time.Duration) (int64, error) {
	var total int64
	for _, each := range []struct{ table, key, column string }{
		{"idempotency_keys", "scope_hash", "expires_at"},
		{"sessions", "id", "expires_at"},
		{"throttles", "bucket_key", "window_ends_at"},
		{"replaced_links", "token_hash", "expires_at"},
		{"dedup_windows", "scope_hash", "ends_at"},
		{"dedup_repeats", "scope_hash", "expires_at"},
		{"write_probes", "id", "at"},
	} {
		for {
			n, err := h.purge(ctx, each.table, each.key, each.column, h.s.Now().Add(-keep))
			total += n
			if err != nil {
				return total, err
			}
			if n < purgeBatch {
				break
			}
		}
	}
	return total, nil
}

// purge deletes one batch. Indexes: idempotency_keys_expired, sessions_expired,
// throttles_ended, replaced_links_expired, dedup_windows_ended, dedup_repeats_expired,
// write_probes_at.
func (h Attic) purge(ctx context.Context, table, key, column string, before time.Time) (int64, error) {
	var deleted int64
	err := h.s.Write(ctx, func(tx *Tx) error {
		p := tx.Platform()
		var keys []any
		find := p.rows(ctx, "retention serves all accounts").Table(table).Where(column+" < ?", before)
		if err := find.Limit(purgeBatch).Pluck(key, &keys).Error; err != nil || len(keys) == 0 {
			deleted = 0
			return failed("find expired rows", err)
		}
		expired := p.rows(ctx, "retention serves all accounts").Table(table).Where(key+" IN ?", keys)
		result := expired.Where(column+" < ?", before).Delete(&struct{}{}) // one may have been taken over meanwhile
		deleted = result.RowsAffected
		return failed("delete expired rows", result.Error)
	})
	return deleted, err
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
