package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// limits is what may happen so and so often, spent.
type limits struct{ tx *Tx }

// limits returns what may happen so and so often, spent.
func (tx *Tx) limits() limits { return limits{tx: tx} }

// spend counts one use of each budget, in this order. Code rate-limited: one of
// them is used up; the transaction must then be rolled back, so that none is
// counted. The error says how long to wait, and not which budget it was.
func (h limits) spend(ctx context.Context, budgets []models.Budget) error {
	for _, b := range budgets {
		row, err := h.tx.hit(ctx, h.tx.vault.bucket(b.Key), b.Window)
		if err != nil {
			return err
		}
		if row.Count > b.Limit {
			return limited(row.WindowEndsAt.Sub(h.tx.now))
		}
	}
	return nil
}

func limited(wait time.Duration) *models.Error {
	e := models.Errorf(models.CodeRateLimited, "That was too often. Please wait.")
	e.RetryAfter = max(wait, time.Second)
	return e
}

// usedUp reports whether nothing is left of the budget now. Index: primary key.
func (h limits) usedUp(ctx context.Context, b models.Budget) (bool, error) {
	var rows []throttle
	err := h.tx.db.WithContext(ctx).Where("bucket_key = ?", h.tx.vault.bucket(b.Key)).Limit(1).Find(&rows).Error
	if err != nil {
		return false, failed("read budget", err)
	}
	return len(rows) == 1 && rows[0].Count >= b.Limit && rows[0].WindowEndsAt.After(h.tx.now), nil
}

// Spend counts one use of each budget. Code rate-limited: one of them is used up,
// and nothing was counted.
func (h Limits) Spend(ctx context.Context, budgets []models.Budget) error {
	return h.s.Write(ctx, func(tx *Tx) error { return tx.limits().spend(ctx, budgets) })
}
