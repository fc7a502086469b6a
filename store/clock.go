package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Rules of the clock.
const (
	// clockEvery is how often the database is asked what time it is.
	clockEvery = 5 * time.Second
	// clockStep is how far an answer may be from what the clock shows without moving it,
	// beside what nobody can tell: at which instant of its way the answer was true.
	clockStep = 50 * time.Millisecond
	// clockWarning is how far off the machine's own clock may be before somebody should know.
	clockWarning = time.Minute
)

// clock shows the time of the database's server. All processes agree on it, whatever the
// clocks of their machines show; between two answers it goes on with the process's monotonic
// time, so that a machine whose clock is set moves nothing. Source: docs/faults.md, F36 and F37.
type clock struct {
	// elapsed is the process's monotonic time, local what its machine's clock shows.
	elapsed func() time.Duration
	local   func() time.Time
	// ask asks the database.
	ask    func(context.Context) (time.Time, error)
	log    *slog.Logger
	anchor atomic.Pointer[anchor]
	// warned says that the machine's clock is off, and somebody was told.
	warned bool
}

// anchor is what the database showed at a moment of the process's time.
type anchor struct {
	elapsed  time.Duration
	database time.Time
}

// at is what the database shows at another moment.
func (a anchor) at(elapsed time.Duration) time.Time { return a.database.Add(elapsed - a.elapsed) }

func (c *clock) Now() time.Time { return c.anchor.Load().at(c.elapsed()) }

// set asks the database and follows its answer.
func (c *clock) set(ctx context.Context) error {
	asked := c.elapsed()
	database, err := c.ask(ctx)
	if err != nil {
		return err
	}
	took := c.elapsed() - asked
	seen := anchor{elapsed: asked + took/2, database: database}
	c.compare(ctx, database)
	if a := c.anchor.Load(); a != nil && a.at(seen.elapsed).Sub(database).Abs() <= clockStep+took/2 {
		return nil
	}
	c.anchor.Store(&seen)
	return nil
}

// compare tells once that the machine's own clock is off: Temporal and what signs requests
// may go by it.
func (c *clock) compare(ctx context.Context, database time.Time) {
	off := c.local().Sub(database)
	if off.Abs() < clockWarning {
		c.warned = false
		return
	}
	if !c.warned {
		c.warned = true
		c.log.WarnContext(ctx, "the clock of this machine and the database's differ; going by the database's", "off", off.String())
	}
}

// follow asks now and then until the context ends. Without answers the clock goes on.
func (c *clock) follow(ctx context.Context) {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			within, cancel := context.WithTimeout(ctx, clockEvery)
			_ = c.set(within) // the database is away: others say so
			cancel()
		}
	}
}

// goByDatabase makes the database's clock the store's, where it has one.
func (s *Store) goByDatabase(ctx context.Context, local func() time.Time) error {
	if !s.engine.HasClock() {
		s.now = local
		return nil
	}
	begun := time.Now()
	c := &clock{elapsed: func() time.Duration { return time.Since(begun) }, local: local, ask: s.engine.Time, log: s.log}
	if err := c.set(ctx); err != nil {
		return failed("ask for the time", err)
	}
	s.now = c.Now
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.follow(following)
	}()
	s.stop = func() {
		stop()
		<-ended
	}
	return nil
}
