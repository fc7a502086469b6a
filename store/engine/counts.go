package engine

import (
	"errors"
	"sync/atomic"

	"gorm.io/gorm"
)

// Counts is what was asked of the database since it was opened.
type Counts struct {
	// Transactions that may write. Commits are what they took: fewer where several
	// went into one, and each a flush. Repeats are those that ran again after a
	// conflict.
	Transactions int64
	Commits      int64
	Repeats      int64
	// Statements through gorm, in transactions or not.
	Statements int64
}

type counters struct{ transactions, commits, repeats, statements atomic.Int64 }

// Counts returns what was asked so far.
func (e *Engine) Counts() Counts {
	return Counts{
		Transactions: e.counts.transactions.Load(), Commits: e.counts.commits.Load(), Repeats: e.counts.repeats.Load(), Statements: e.counts.statements.Load(),
	}
}

// watch counts the statements of a connection.
func (c *counters) watch(db *gorm.DB) error {
	count := func(*gorm.DB) { c.statements.Add(1) }
	const name = "belfry:count"
	each := db.Callback()
	return errors.Join(
		each.Create().After("gorm:create").Register(name, count), each.Query().After("gorm:query").Register(name, count),
		each.Update().After("gorm:update").Register(name, count), each.Delete().After("gorm:delete").Register(name, count),
		each.Row().After("gorm:row").Register(name, count), each.Raw().After("gorm:raw").Register(name, count),
	)
}
