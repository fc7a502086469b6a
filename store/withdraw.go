package store

import (
	"context"

	"gorm.io/gorm"

	"belfry.dev/belfry/models"
)

// DestinationOpen reports whether the destination may be called now: nothing suspended or
// paused it. It is for whoever is about to call; what another call learnt since the delivery
// was read counts, in whatever process. Index: primary key.
func (h Deliveries) DestinationOpen(ctx context.Context, destination string) (bool, error) {
	var rows []models.DestinationState
	err := h.s.Platform().rows(ctx, "the state of one destination").Select("paused_until", "suspended_at").
		Where("destination = ?", destination).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err == nil, failed("read destination", err)
	}
	paused := rows[0].PausedUntil
	return rows[0].SuspendedAt == nil && (paused == nil || !paused.After(h.s.Now())), nil
}

// WithdrawAttempt takes back an attempt that was begun and whose call was not made. before
// are the deliveries that it was to tell of, its own among them, as they were before.
// Nothing changes when the attempt has an outcome already: another worker held it for dead.
func (h Deliveries) WithdrawAttempt(ctx context.Context, a models.Attempt, notification string, before ...models.Delivery) error {
	return h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(a.AccountID)
		var err error
		if notification == "" {
			_, err = envelopesOf(scope).lock(ctx, a.DeliveryID)
		} else {
			_, err = scope.Notifications().lock(ctx, notification)
		}
		if err != nil {
			return err
		}
		taken := scope.rows(ctx).Where("delivery_id = ? AND number = ? AND outcome = ''", a.DeliveryID, a.Number).Delete(&models.Attempt{})
		if taken.Error != nil || taken.RowsAffected == 0 {
			return failed("withdraw attempt", taken.Error)
		}
		for _, d := range before {
			if err := giveBack(scope.rows(ctx), a, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// giveBack sets the number of attempts back to what it was before the attempt.
func giveBack(rows *gorm.DB, a models.Attempt, before models.Delivery) error {
	var row any = &models.Delivery{}
	if before.StandsForEnvelope() {
		row = &models.Envelope{}
	}
	err := rows.Model(row).Where("id = ? AND attempts = ?", before.ID, a.Number).Update("attempts", before.Attempts).Error
	return failed("give attempt back", err)
}
