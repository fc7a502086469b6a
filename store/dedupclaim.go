package store

import (
	"context"
	"errors"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// An external id stands in one of two tables: in notifications, where its submission
// became one, or in dedup_repeats, where it was counted on another one's. Each table
// has it once. Who writes it into one looks into the other one afterwards and waits
// there for whoever is writing: of two at the same time at least one finds the other,
// and begins again with engine.ErrConflict.

// claimRepeat remembers the external id of an event that is counted on the first one.
// Indexes: primary key, notifications_external.
func (h dedup) claimRepeat(ctx context.Context, n models.Notification, first string) error {
	if n.ExternalID == "" {
		return nil
	}
	p, scope := h.tx.Platform(), h.tx.In(n.AccountID)
	row := dedupRepeat{
		ScopeHash: p.Submissions().repeatScope(n), AccountID: n.AccountID, NotificationID: first,
		Fingerprint: n.Fingerprint, ExpiresAt: h.tx.now.Add(IdempotencyLife),
	}
	err := scope.insert(ctx, &row)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		if err := p.Submissions().notCounted(ctx, n); err != nil {
			return err
		}
		err = scope.insertOr(ctx, clause.OnConflict{UpdateAll: true}, &row) // over what has expired
	}
	if err != nil {
		return failed("remember counted submission", err)
	}
	var taken []models.Notification
	err = forUpdate(p.rows(ctx, oncePerProduct)).Select("id").
		Where("product_id = ? AND external_key = ?", n.ProductID, n.ExternalID).Find(&taken).Error
	if err == nil && len(taken) > 0 {
		err = engine.ErrConflict
	}
	return failed("look for another submission", err)
}

// notCounted makes sure that the notification's external id was counted for nothing
// else since it was looked for. Index: primary key.
func (h TxSubmissions) notCounted(ctx context.Context, n models.Notification) error {
	if n.ExternalID == "" {
		return nil
	}
	var held []dedupRepeat
	err := forUpdate(h.tx.rows(ctx, oncePerProduct)).Select("scope_hash").Where("scope_hash = ?", h.repeatScope(n)).Find(&held).Error
	if err != nil || len(held) == 0 {
		return failed("look for a counted submission", err)
	}
	earlier, err := h.countedBefore(ctx, n)
	if earlier != nil || models.CodeOf(err) == models.CodeConflict {
		err = engine.ErrConflict
	}
	return failed("look for a counted submission", err)
}
