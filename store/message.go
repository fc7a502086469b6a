package store

import (
	"context"
	"maps"
	"slices"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// txMessages changes the messages of the account's inboxes, as they are accepted, in a transaction.
type txMessages struct{ tx TxScope }

// messages returns the messages of the account's inboxes, as they are accepted, inside the transaction.
func (tx TxScope) messages() txMessages { return txMessages{tx: tx} }

// append puts messages into the inboxes of their owners and fills in
// their ids, accounts, numbers, times and search texts. It locks the inboxes
// until the transaction ends, so it comes last in one: then the order of the
// numbers is the order of commits.
func (h txMessages) append(ctx context.Context, messages []models.Message) error {
	if len(messages) == 0 {
		return nil
	}
	byOwner := map[string][]*models.Message{}
	for i := range messages {
		byOwner[messages[i].Owner] = append(byOwner[messages[i].Owner], &messages[i])
	}
	for _, owner := range slices.Sorted(maps.Keys(byOwner)) { // everybody locks in the same order
		if err := h.number(ctx, owner, byOwner[owner]); err != nil {
			return failed("number messages", err)
		}
	}
	return failed("append messages", h.tx.insert(ctx, &messages))
}

// number takes numbers from the owner's inbox.
func (h txMessages) number(ctx context.Context, owner string, messages []*models.Message) error {
	head, err := h.advanceHead(ctx, owner, len(messages))
	if err != nil {
		return err
	}
	first := head.Seq - int64(len(messages)) + 1
	for i, m := range messages {
		m.ID, m.AccountID, m.Seq = NewID(models.KindMessage), h.tx.account, first+int64(i)
		m.CreatedAt, m.SearchText = head.LastAt, models.SearchText(m.Title, m.Body)
	}
	return nil
}

// advanceHead locks the inbox's head row, making it for a new inbox, and takes n
// numbers. Index: primary key.
func (h txMessages) advanceHead(ctx context.Context, owner string, n int) (models.InboxHead, error) {
	var head models.InboxHead
	moved, err := h.moveHead(ctx, owner, n)
	if err != nil {
		return head, err
	}
	if !moved {
		first := models.InboxHead{AccountID: h.tx.account, Owner: owner, LastAt: h.tx.now()}
		if err := h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &first); err != nil {
			return head, err
		}
		if _, err := h.moveHead(ctx, owner, n); err != nil {
			return head, err
		}
	}
	err = h.tx.rows(ctx).Where("owner = ?", owner).Take(&head).Error
	return head, err
}

// moveHead reports false when the inbox has no head yet.
func (h txMessages) moveHead(ctx context.Context, owner string, n int) (bool, error) {
	result := h.tx.rows(ctx).Model(&models.InboxHead{}).Where("owner = ?", owner).Updates(map[string]any{
		"seq": gorm.Expr("seq + ?", n), "revision": gorm.Expr("revision + 1"), "last_at": latest("last_at", h.tx.now()),
	})
	return result.RowsAffected > 0, result.Error
}

// insertOr is insert with a rule for rows that exist.
func (tx TxScope) insertOr(ctx context.Context, rule clause.OnConflict, row any) error {
	db := tx.db.WithContext(ctx).Set(guardAccount, tx.account)
	return db.Clauses(rule).Omit(clause.Associations).Create(row).Error
}
