package engine

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// grouped is an engine on SQLite with a table of numbers.
func grouped(t *testing.T) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Config{DSN: "sqlite://" + t.TempDir() + "/group.db"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	e.group.time = time.Hour // what waits together belongs together here, however slow the machine
	require.NoError(t, e.Writer.Exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY)").Error)
	return e
}

func insert(n int) func(*gorm.DB) error {
	return func(tx *gorm.DB) error { return tx.Exec("INSERT INTO numbers VALUES (?)", n).Error }
}

func numbers(t *testing.T, e *Engine) []int {
	t.Helper()
	found := []int{}
	require.NoError(t, e.Reader.Raw("SELECT n FROM numbers ORDER BY n").Scan(&found).Error)
	return found
}

// together makes the transactions wait in this order while the writer is taken, so
// that they go into one commit, and returns their errors.
func together(t *testing.T, e *Engine, runs ...func() error) []error {
	t.Helper()
	errs := make([]error, len(runs))
	e.group.leading <- struct{}{}
	var all sync.WaitGroup
	for i, run := range runs {
		all.Go(func() { errs[i] = run() })
		for waiting := 0; waiting <= i; runtime.Gosched() {
			e.group.mu.Lock()
			waiting = len(e.group.waiting)
			e.group.mu.Unlock()
		}
	}
	<-e.group.leading
	all.Wait()
	return errs
}

func (e *Engine) inserting(ctx context.Context, n int) func() error {
	return func() error { return e.Transaction(ctx, insert(n)) }
}

func TestTransactionsThatWaitTogetherAreFlushedTogether(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	before := e.Counts()
	errs := together(t, e, e.inserting(t.Context(), 1), e.inserting(t.Context(), 2), e.inserting(t.Context(), 3))
	require.Equal(t, []error{nil, nil, nil}, errs)
	require.Equal(t, []int{1, 2, 3}, numbers(t, e))
	require.Equal(t, int64(3), e.Counts().Transactions-before.Transactions)
	require.Less(t, e.Counts().Commits-before.Commits, int64(3))
}

func TestAFailedTransactionTakesNothingWithIt(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	broken := errors.New("broken")
	failing := func() error {
		return e.Transaction(t.Context(), func(tx *gorm.DB) error { return errors.Join(insert(2)(tx), broken) })
	}
	twice := e.inserting(t.Context(), 1)
	errs := together(t, e, e.inserting(t.Context(), 1), failing, twice, e.inserting(t.Context(), 3))
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], broken)
	require.ErrorIs(t, errs[2], gorm.ErrDuplicatedKey)
	require.NoError(t, errs[3])
	require.Equal(t, []int{1, 3}, numbers(t, e))
}

func TestAPanicIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	panicking := func() (err error) {
		defer func() { err, _ = recover().(error) }()
		return e.Transaction(t.Context(), func(tx *gorm.DB) error {
			_ = insert(2)(tx) // it is undone
			panic(errors.New("mine"))
		})
	}
	errs := together(t, e, e.inserting(t.Context(), 1), panicking, e.inserting(t.Context(), 3))
	require.NoError(t, errs[0])
	require.EqualError(t, errs[1], "mine")
	require.NoError(t, errs[2])
	require.Equal(t, []int{1, 3}, numbers(t, e))
}

// TestAnInterruptedTransactionTakesNothingWithIt cancels one in the middle of a
// statement that writes: SQLite then undoes all that was not committed.
func TestAnInterruptedTransactionTakesNothingWithIt(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := func() error {
		return e.Transaction(ctx, func(tx *gorm.DB) error {
			context.AfterFunc(ctx, func() {}) // the driver hears of it, too
			go cancel()
			return tx.Exec("INSERT INTO numbers WITH RECURSIVE c(x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c").Error
		})
	}
	errs := together(t, e, e.inserting(t.Context(), 1), interrupted, e.inserting(t.Context(), 3))
	require.NoError(t, errs[0])
	require.Error(t, errs[1])
	require.NoError(t, errs[2])
	require.Equal(t, []int{1, 3}, numbers(t, e))
}

func TestWhoeverGivesUpWaitingIsNotRun(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	ctx, cancel := context.WithCancel(t.Context())
	e.group.leading <- struct{}{}
	gone := make(chan error)
	go func() { gone <- e.Transaction(ctx, insert(1)) }()
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	<-e.group.leading
	require.NoError(t, e.Transaction(t.Context(), insert(2)))
	require.Equal(t, []int{2}, numbers(t, e))
}

// TestAFailedCommitIsToldToAll lets the commit itself fail.
func TestAFailedCommitIsToldToAll(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	require.NoError(t, e.Writer.Exec("PRAGMA foreign_keys = ON").Error)
	require.NoError(t, e.Writer.Exec("CREATE TABLE children (parent INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)").Error)
	orphan := func() error {
		return e.Transaction(t.Context(), func(tx *gorm.DB) error { return tx.Exec("INSERT INTO children VALUES (99)").Error })
	}
	errs := together(t, e, e.inserting(t.Context(), 1), orphan)
	for _, err := range errs {
		require.ErrorContains(t, err, "FOREIGN KEY")
	}
	require.Empty(t, numbers(t, e))
	require.NoError(t, e.Transaction(t.Context(), insert(2)), "the writer is free again")
	require.Equal(t, []int{2}, numbers(t, e))
}

func TestManyTransactionsAtOnceAreAllDone(t *testing.T) {
	t.Parallel()
	e := grouped(t)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			if err := e.Transaction(t.Context(), insert(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Len(t, numbers(t, e), 300)
}
