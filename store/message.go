package store

import (
	"context"
	"errors"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// AppendMessages adds messages to one inbox of the account, its own when owner
// is "", and fills in their id, account, owner, seq, search text and creation
// time. The inbox's head stays locked until the transaction ends, so that seq
// follows the order of commits: append as the last thing in a transaction, and
// to several inboxes always in the same order of account and owner.
func (tx TxScope) AppendMessages(ctx context.Context, owner string, messages ...*models.Message) error {
	if len(messages) == 0 {
		return nil
	}
	head, err := tx.lockHead(ctx, owner)
	if err != nil {
		return failed("lock inbox", err)
	}
	if now := tx.now(); now.After(head.LastAt) {
		head.LastAt = now
	}
	for _, m := range messages {
		head.Seq++
		m.ID, m.AccountID, m.Owner, m.Seq = NewID(models.KindMessage), tx.account, owner, head.Seq
		m.SearchText, m.CreatedAt = models.SearchText(m.Title, m.Body), head.LastAt
	}
	if err := tx.insert(ctx, messages); err != nil {
		return failed("append messages", err)
	}
	return failed("advance inbox", tx.rows(ctx).Model(&models.InboxHead{}).Where("owner = ?", owner).
		Updates(map[string]any{"seq": head.Seq, "revision": gorm.Expr("revision + 1"), "last_at": head.LastAt}).Error)
}

// lockHead returns the inbox's head, locked until the transaction ends; it makes
// the first one of an inbox. Primary key.
func (tx TxScope) lockHead(ctx context.Context, owner string) (models.InboxHead, error) {
	head, err := tx.headForUpdate(ctx, owner)
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return head, err
	}
	first := models.InboxHead{AccountID: tx.account, Owner: owner, LastAt: tx.now()}
	if err := tx.db.WithContext(ctx).Set(guardAccount, tx.account).
		Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
		return head, err
	}
	return tx.headForUpdate(ctx, owner)
}

func (tx TxScope) headForUpdate(ctx context.Context, owner string) (models.InboxHead, error) {
	var head models.InboxHead
	err := forUpdate(tx.rows(ctx)).Where("owner = ?", owner).Take(&head).Error
	return head, err
}

// bumpHead records that something of an existing inbox changed.
func (tx TxScope) bumpHead(ctx context.Context, owner string) error {
	return tx.rows(ctx).Model(&models.InboxHead{}).Where("owner = ?", owner).
		Updates(map[string]any{"revision": gorm.Expr("revision + 1")}).Error
}
