package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/ledger"
	"belfry.dev/belfry/models/text"
	"gorm.io/gorm"
)

// operationHead is the newest row's place in an account's operation log. Its lock
// puts the account's rows in order.
type operationHead struct {
	AccountID models.AccountID `gorm:"primaryKey"`
	Seq       int64
	Hash      []byte
}

// OperationLog reads who changed what in the account, and its seals.
type OperationLog struct{ sc Scope }

// OperationLog returns who changed what in the account, and its seals.
func (sc Scope) OperationLog() OperationLog { return OperationLog{sc: sc} }

// TxOperationLog reads and changes who changed what in the account, and its seals, in a transaction.
type TxOperationLog struct {
	OperationLog
	tx TxScope
}

// OperationLog returns who changed what in the account, and its seals, inside the transaction.
func (tx TxScope) OperationLog() TxOperationLog {
	return TxOperationLog{OperationLog: tx.Scope.OperationLog(), tx: tx}
}

// Append adds the row to the account's chain; it fills in account, seq,
// time and hashes, and cuts texts to what the columns hold. Call it last in the
// transaction: it locks the account's log until the commit.
func (h TxOperationLog) Append(ctx context.Context, op *models.Operation) error {
	var head operationHead
	if err := forUpdate(h.tx.rows(ctx)).Take(&head).Error; err != nil {
		return failed("lock operation log", err)
	}
	if err := normalise(op); err != nil {
		return fmt.Errorf("append operation %s: %w", op.Action, err)
	}
	op.AccountID, op.Seq, op.At, op.PrevHash = h.tx.account, head.Seq+1, h.tx.now(), head.Hash
	op.Hash = ledger.HashOperation(*op)
	if err := h.tx.insert(ctx, op); err != nil {
		return failed("append operation", err)
	}
	err := h.tx.rows(ctx).Model(&operationHead{}).Where("seq = ?", head.Seq).
		Updates(map[string]any{"seq": op.Seq, "hash": op.Hash}).Error
	return failed("move operation log", err)
}

// ByID returns one row. Index: primary key.
func (h OperationLog) ByID(ctx context.Context, seq int64) (models.Operation, error) {
	var op models.Operation
	err := h.sc.rows(ctx).Where("seq = ?", seq).Take(&op).Error
	return op, failed("read operation", err)
}

// made selects the ids of what the user made by the actions. The log is kept for ever.
// Index: operation_logs_actor.
func made(ctx context.Context, sc Scope, user string, actions ...string) *gorm.DB {
	return sc.rows(ctx).Model(&models.Operation{}).Select("object_id").
		Where("actor_id = ? AND action IN ? AND result = ?", user, actions, models.ResultSucceeded)
}

// List returns a page of the rows that the filter selects, newest first,
// without Before and After. Indexes: the primary key, or operation_logs_object,
// _action or _actor, which end with seq.
func (h OperationLog) List(ctx context.Context, f OperationFilter, page Page) ([]models.Operation, string, error) {
	rows, next, err := f.List(h.sc.rows(ctx), page)
	return rows, next, failed("list operations", err)
}

// normalise makes the row what the database gives back, so that its hash holds:
// texts cut to the columns' widths, documents compact.
func normalise(op *models.Operation) error {
	for column, width := range map[*string]int{
		&op.ActorName: 255, &op.IP: 64, &op.UserAgent: 512, &op.RequestID: 64, &op.ObjectID: 128, &op.ObjectName: 255,
	} {
		*column = text.Head(*column, width)
	}
	for _, document := range []*json.RawMessage{&op.Before, &op.After} {
		if err := compact(document); err != nil {
			return err
		}
	}
	return nil
}

// compact makes the document what the database's serializer stores: nil for none
// and for null, without spaces otherwise.
func compact(document *json.RawMessage) error {
	if len(*document) == 0 {
		*document = nil
		return nil
	}
	stored, err := json.Marshal(*document)
	if err != nil || !utf8.Valid(stored) {
		return errors.New("the object's form is not a JSON document in UTF-8")
	}
	*document = stored
	if string(stored) == "null" {
		*document = nil
	}
	return nil
}

// genesis is what the first row of a chain follows.
func genesis() []byte { return make([]byte, sha256.Size) }
