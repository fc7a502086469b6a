package store

import (
	"context"

	"gorm.io/gorm"

	"belfry.dev/belfry/models/signin"
)

// Try counts one try of each allowance, in this order, before it is known how it ends, so
// that parallel ones multiply nothing. Code rate-limited, with the wait: it comes too soon,
// and nothing was counted: who asks too often does not make the wait longer.
func (h Limits) Try(ctx context.Context, allowances ...signin.Allowance) error {
	return h.s.Write(ctx, func(tx *Tx) error {
		for _, a := range allowances {
			row, err := tx.hit(ctx, tx.vault.bucket(a.Key), a.Window)
			if err != nil {
				return err
			}
			age := tx.now.Sub(row.WindowEndsAt.Add(-a.Window))
			if wait := a.Wait(row.Count, age); wait > 0 {
				return limited(wait)
			}
		}
		return nil
	})
}

// Return takes back what a right try used up of the allowances, or with Clears all tries.
func (tx *Tx) Return(ctx context.Context, allowances ...signin.Allowance) error {
	for _, a := range allowances {
		row := tx.db.WithContext(ctx).Model(&throttle{}).Where("bucket_key = ? AND count > 0", tx.vault.bucket(a.Key))
		if a.Clears {
			row = row.Delete(&throttle{})
		} else {
			row = row.Update("count", gorm.Expr("count - 1"))
		}
		if row.Error != nil {
			return failed("give tries back", row.Error)
		}
	}
	return nil
}
