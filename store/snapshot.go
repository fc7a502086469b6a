package store

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// snapshot runs fn over the account's rows as they stand at one instant, so that
// several queries fit together. Inside a transaction fn reads what that sees.
func (sc Scope) snapshot(ctx context.Context, fn func(Scope) error) error {
	if _, inTx := sc.db.Statement.ConnPool.(gorm.TxCommitter); inTx {
		return fn(sc)
	}
	options := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	return sc.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		inside := sc
		inside.db = tx.Session(&gorm.Session{NewDB: true})
		return fn(inside)
	}, options)
}
