package store

import (
	"context"

	"belfry.dev/belfry/models"
	"gorm.io/gorm/clause"
)

// pace returns how the account asks the mailbox, and holds it; zero when it has not for
// a day. It stands among the throttles: its count is one more than the resends, and its
// window ends when it begins anew. Index: primary key.
func (h TxInvitations) pace(ctx context.Context, c models.Channel, key string) (models.Pace, error) {
	var rows []throttle
	err := forUpdate(h.tx.db.WithContext(ctx)).Where("bucket_key = ?", h.tx.vault.bucket(models.PaceKey(h.tx.account, c, key))).Find(&rows).Error
	if err != nil || len(rows) == 0 || !rows[0].WindowEndsAt.After(h.tx.now()) {
		return models.Pace{}, failed("read pace", err)
	}
	return models.PaceEnding(rows[0].WindowEndsAt, int(rows[0].Count)-1), nil
}

// keepPace remembers that a round of the invitation was ordered, or sent, now.
func (h TxInvitations) keepPace(ctx context.Context, i models.Invitation) error {
	p := models.Pace{SentAt: h.tx.now(), Resends: i.Resends}
	row := throttle{BucketKey: h.tx.vault.bucket(models.PaceKey(h.tx.account, i.Channel, i.AddressKey)), Count: int64(p.Resends) + 1, WindowEndsAt: p.EndsAt()}
	return failed("keep pace", h.tx.db.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// postpone has the first round wait until the account may ask the mailbox again.
func (h TxInvitations) postpone(ctx context.Context, i models.Invitation, p models.Pace, rules models.InvitationRules) error {
	err := h.tx.rows(ctx).Model(&models.Invitation{}).Where("id = ?", i.ID).Updates(map[string]any{
		"next_at": rules.After(p), "resends": p.Next(h.tx.now()),
	}).Error
	return failed("postpone invitation", err)
}
