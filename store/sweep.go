package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// sweepBatch bounds what one transaction of Sweep deletes, so that it never holds
// the writer for long.
const sweepBatch = 500

// Sweep deletes what has no meaning any more: expired idempotency keys, ended
// throttle windows and sessions that expired a month ago. It returns how many rows
// it deleted; it may run anywhere, any time.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	now := s.Now()
	var total int64
	for _, each := range []struct {
		rows   any
		id     string
		column string
		before time.Time
	}{
		{&idempotencyKey{}, "scope_hash", "expires_at", now},
		{&throttle{}, "bucket_key", "window_ends_at", now},
		{&models.Session{}, "id", "expires_at", now.Add(-30 * 24 * time.Hour)},
	} {
		for {
			deleted, err := s.sweep(ctx, each.rows, each.id, each.column, each.before)
			total += deleted
			if err != nil {
				return total, err
			}
			if deleted < sweepBatch {
				break
			}
		}
	}
	return total, nil
}

// sweep reads ids first: a delete that searches would lock what it passes.
func (s *Store) sweep(ctx context.Context, rows any, id, column string, before time.Time) (int64, error) {
	const why = "expired rows of all accounts"
	var ids []any
	q := s.Platform().rows(ctx, why).Model(rows).Where(column+" <= ?", before).Limit(sweepBatch)
	if err := q.Pluck(id, &ids).Error; err != nil || len(ids) == 0 {
		return 0, failed("find expired rows", err)
	}
	err := s.Write(ctx, func(tx *Tx) error {
		return tx.Platform().rows(ctx, why).Where(id+" IN ?", ids).Where(column+" <= ?", before).Delete(rows).Error
	})
	return int64(len(ids)), err
}
