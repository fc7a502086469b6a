package store

import (
	"context"
	"maps"
	"slices"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// appendMessages puts messages into the inboxes of their owners and fills in
// their ids, accounts, numbers, times and search texts. It locks the inboxes
// until the transaction ends, so it comes last in one: then the order of the
// numbers is the order of commits.
func (tx TxScope) appendMessages(ctx context.Context, messages []models.Message) error {
	if len(messages) == 0 {
		return nil
	}
	byOwner := map[string][]*models.Message{}
	for i := range messages {
		byOwner[messages[i].Owner] = append(byOwner[messages[i].Owner], &messages[i])
	}
	for _, owner := range slices.Sorted(maps.Keys(byOwner)) { // everybody locks in the same order
		if err := tx.numberMessages(ctx, owner, byOwner[owner]); err != nil {
			return failed("number messages", err)
		}
	}
	return failed("append messages", tx.insert(ctx, &messages))
}

// numberMessages takes numbers from the owner's inbox.
func (tx TxScope) numberMessages(ctx context.Context, owner string, messages []*models.Message) error {
	head, err := tx.advanceHead(ctx, owner, len(messages))
	if err != nil {
		return err
	}
	first := head.Seq - int64(len(messages)) + 1
	for i, m := range messages {
		m.ID, m.AccountID, m.Seq = NewID(models.KindMessage), tx.account, first+int64(i)
		m.CreatedAt, m.SearchText = head.LastAt, models.SearchText(m.Title, m.Body)
	}
	return nil
}

// advanceHead locks the inbox's head row, making it for a new inbox, and takes n
// numbers. Index: primary key.
func (tx TxScope) advanceHead(ctx context.Context, owner string, n int) (models.InboxHead, error) {
	var head models.InboxHead
	moved, err := tx.moveHead(ctx, owner, n)
	if err != nil {
		return head, err
	}
	if !moved {
		first := models.InboxHead{AccountID: tx.account, Owner: owner, LastAt: tx.now()}
		if err := tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &first); err != nil {
			return head, err
		}
		if _, err := tx.moveHead(ctx, owner, n); err != nil {
			return head, err
		}
	}
	err = tx.rows(ctx).Where("owner = ?", owner).Take(&head).Error
	return head, err
}

// moveHead reports false when the inbox has no head yet.
func (tx TxScope) moveHead(ctx context.Context, owner string, n int) (bool, error) {
	result := tx.rows(ctx).Model(&models.InboxHead{}).Where("owner = ?", owner).Updates(map[string]any{
		"seq": gorm.Expr("seq + ?", n), "revision": gorm.Expr("revision + 1"), "last_at": latest("last_at", tx.now()),
	})
	return result.RowsAffected > 0, result.Error
}

// insertOr is insert with a rule for rows that exist.
func (tx TxScope) insertOr(ctx context.Context, rule clause.OnConflict, row any) error {
	db := tx.db.WithContext(ctx).Set(guardAccount, tx.account)
	return db.Clauses(rule).Omit(clause.Associations).Create(row).Error
}
