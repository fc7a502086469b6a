package store

import (
	"context"

	"belfry.dev/belfry/models"
	"gorm.io/gorm/clause"
)

// Preferences reads what recipients prefer.
type Preferences struct{ sc Scope }

// Preferences returns what recipients prefer.
func (sc Scope) Preferences() Preferences { return Preferences{sc: sc} }

// TxPreferences reads and changes what recipients prefer, in a transaction.
type TxPreferences struct {
	Preferences
	tx TxScope
}

// Preferences returns what recipients prefer, inside the transaction.
func (tx TxScope) Preferences() TxPreferences {
	return TxPreferences{Preferences: tx.Scope.Preferences(), tx: tx}
}

// Of returns the preferences of contacts and bots by their ids; those that have
// none are missing. Index: primary key.
func (h Preferences) Of(ctx context.Context, recipients ...string) (map[string]models.Preferences, error) {
	known := map[string]models.Preferences{}
	if len(recipients) == 0 {
		return known, nil
	}
	var rows []models.Preferences
	if err := h.sc.rows(ctx).Where("recipient_id IN ?", recipients).Find(&rows).Error; err != nil {
		return nil, failed("read preferences", err)
	}
	for _, row := range rows {
		known[row.RecipientID] = row
	}
	return known, nil
}

// Update changes what a contact or bot, which must exist, wants for itself. It
// returns the preferences before and after. Codes: stale-version when ifVersion is neither
// zero nor the row's, which is 1 where there is none yet; whatever fn returns.
func (h TxPreferences) Update(ctx context.Context, recipient string, ifVersion int64, fn func(*models.Preferences) error) (before, after models.Preferences, err error) {
	first := models.Preferences{AccountID: h.tx.account, RecipientID: recipient, Version: 1}
	if err := h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &first); err != nil {
		return before, after, failed("make preferences", err)
	}
	if err := forUpdate(h.tx.rows(ctx)).Where("recipient_id = ?", recipient).Take(&before).Error; err != nil {
		return before, after, failed("lock preferences", err)
	}
	if ifVersion != 0 && ifVersion != before.Version {
		return before, after, models.Errorf(models.CodeStale, "It was changed meanwhile; its version is %d now.", before.Version)
	}
	after = before
	if err := fn(&after); err != nil {
		return before, after, err
	}
	after.AccountID, after.RecipientID, after.Version, after.UpdatedAt = before.AccountID, before.RecipientID, before.Version+1, h.tx.now()
	err = h.tx.rows(ctx).Model(&models.Preferences{}).Where("recipient_id = ?", recipient).
		Select("*").Omit("account_id", "recipient_id", "created_at").Updates(&after).Error
	return before, after, failed("update preferences", err)
}
