package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// Insert lets tests store rows of an account as other features would.
func Insert(ctx context.Context, tx TxScope, row any) error { return tx.insert(ctx, row) }

// TakeWakes returns the notifications that the dispatcher would wake now, and
// takes them out of the outbox.
func TakeWakes(ctx context.Context, s *Store) (woken []string, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		q := tx.Platform().rows(ctx, "a test looks at the whole outbox")
		err := q.Model(&models.Wakeup{}).Where("kind = ? AND due_at <= ?", models.CallWake, tx.Now()).
			Order("notification_id").Pluck("notification_id", &woken).Error
		if err != nil {
			return err
		}
		return tx.Platform().rows(ctx, "a test empties it").Where("kind = ?", models.CallWake).Delete(&models.Wakeup{}).Error
	})
	return woken, err
}
