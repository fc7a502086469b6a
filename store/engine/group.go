package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
)

// Bounds of what goes into one commit: transactions, and the time after which no
// further one begins. Whoever came first waits for those that came along.
const (
	groupSize = 32
	groupTime = 10 * time.Millisecond
)

// group is how SQLite's one writer is shared: transactions that wait at the same time
// run one after the other, each in a savepoint of its own, and are flushed together.
// Nobody is told anything before the flush. A flush costs as much as a transaction.
type group struct {
	db     *gorm.DB
	counts *counters
	// time is after what time no further one begins: groupTime.
	time time.Duration
	// leading is held by whoever runs transactions, its own and those of others.
	leading chan struct{}

	mu      sync.Mutex
	waiting []*job
}

// job is one transaction of somebody who waits for it.
type job struct {
	ctx context.Context //nolint:containedctx // somebody else runs it on the owner's behalf
	fn  func(*gorm.DB) error
	// err is what fn returned; panicked what it panicked with, for its owner.
	err      error
	panicked any
	// done is closed when both are known and durable.
	done chan struct{}
}

func newGroup(db *gorm.DB, c *counters) *group {
	return &group{db: db, counts: c, time: groupTime, leading: make(chan struct{}, 1)}
}

// run runs fn in a transaction and returns once that is flushed or undone. When the
// context ends before it began, it never does.
func (g *group) run(ctx context.Context, fn func(*gorm.DB) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, j)
	g.mu.Unlock()
	for {
		select {
		case <-j.done:
			return j.result()
		case g.leading <- struct{}{}:
			g.lead(ctx)
			<-g.leading
		case <-ctx.Done():
			if g.withdraw(j) {
				return ctx.Err()
			}
			<-j.done
			return j.result()
		}
	}
}

func (j *job) result() error {
	if j.panicked != nil {
		panic(j.panicked)
	}
	return j.err
}

// withdraw takes back what nobody has begun; false says that somebody has.
func (g *group) withdraw(j *job) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, j)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// lead runs those that wait now, or as many as fit.
func (g *group) lead(ctx context.Context) {
	g.mu.Lock()
	n := min(len(g.waiting), groupSize)
	jobs := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	g.mu.Unlock()
	if n == 0 {
		return
	}
	ended, left := g.commit(context.WithoutCancel(ctx), jobs)
	g.mu.Lock()
	g.waiting = slices.Concat(left, g.waiting)
	g.mu.Unlock()
	for _, j := range ended {
		close(j.done)
	}
}

// errUndone says that SQLite has undone the whole transaction.
var errUndone = errors.New("the transaction was undone")

// commit runs the jobs in one transaction. It returns those whose owners may be told,
// and those that must run (again).
func (g *group) commit(ctx context.Context, jobs []*job) (ended, left []*job) {
	begun := 0
	err := g.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		started := time.Now()
		for begun < len(jobs) && (begun == 0 || time.Since(started) < g.time) {
			begun++
			if err := jobs[begun-1].in(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	g.counts.commits.Add(1)
	ran, left := jobs[:begun], jobs[begun:]
	switch {
	case errors.Is(err, errUndone): // whoever broke it knows; the others ran in vain
		broke := ran[begun-1]
		return []*job{broke}, slices.Concat(ran[:begun-1], left)
	case err != nil && begun == 0: // it could not begin
		ran, left = jobs, nil
	}
	if err != nil { // what they found and did is not so
		for _, j := range ran {
			j.err, j.panicked = err, nil
		}
	}
	return ran, left
}

// in runs the job in a savepoint; the context is the transaction's. An error ends the
// transaction of all.
func (j *job) in(ctx context.Context, tx *gorm.DB) error {
	if j.err, j.panicked = j.ctx.Err(), nil; j.err != nil {
		return nil //nolint:nilerr // its owner is told; the others go on
	}
	do := func(statement string) error {
		_, err := tx.Statement.ConnPool.ExecContext(ctx, statement)
		return err
	}
	if err := do("SAVEPOINT belfry_group"); err != nil {
		return err
	}
	j.call(tx)
	if j.err != nil || j.panicked != nil {
		// An interrupted statement may have undone more than itself.
		if err := do("ROLLBACK TO belfry_group"); err != nil {
			return errUndone
		}
	}
	if err := do("RELEASE belfry_group"); err != nil {
		j.err = errors.Join(j.err, err)
		return errUndone
	}
	return nil
}

func (j *job) call(tx *gorm.DB) {
	defer func() { j.panicked = recover() }()
	j.err = j.fn(tx.WithContext(j.ctx))
}
