// Package clock shows the time of the database's server.
package clock

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// New returns a clock that asks the database, and shows nothing until it was Set. elapsed is the
// process's monotonic time, local its machine's clock.
func New(elapsed func() time.Duration, local func() time.Time, ask func(context.Context) (time.Time, error), log *slog.Logger) *Clock {
	return &Clock{elapsed: elapsed, local: local, ask: ask, log: log}
}

// Rules of the clock.
const (
	// every is how often the database is asked what time it is.
	every = 5 * time.Second
	// step is how far an answer may be from what the clock shows without moving it,
	// beside what nobody can tell: at which instant of its way the answer was true.
	step = 50 * time.Millisecond
	// warning is how far off the machine's own clock may be before somebody should know.
	warning = time.Minute
)

// Clock shows the time of the database's server. All processes agree on it, whatever the
// clocks of their machines show; between two answers it goes on with the process's monotonic
// time, so that a machine whose clock is set moves nothing. Source: docs/faults.md, F36 and F37.
type Clock struct {
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

// Now is the time.
func (c *Clock) Now() time.Time { return c.anchor.Load().at(c.elapsed()) }

// Set asks the database and follows its answer.
func (c *Clock) Set(ctx context.Context) error {
	asked := c.elapsed()
	database, err := c.ask(ctx)
	if err != nil {
		return err
	}
	took := c.elapsed() - asked
	seen := anchor{elapsed: asked + took/2, database: database}
	c.compare(ctx, database)
	if a := c.anchor.Load(); a != nil && a.at(seen.elapsed).Sub(database).Abs() <= step+took/2 {
		return nil
	}
	c.anchor.Store(&seen)
	return nil
}

// compare tells once that the machine's own clock is off: Temporal and what signs requests
// may go by it.
func (c *Clock) compare(ctx context.Context, database time.Time) {
	off := c.local().Sub(database)
	if off.Abs() < warning {
		c.warned = false
		return
	}
	if !c.warned {
		c.warned = true
		c.log.WarnContext(ctx, "the clock of this machine and the database's differ; going by the database's", "off", off.String())
	}
}

// Follow asks now and then until the context ends. Without answers the clock goes on.
func (c *Clock) Follow(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			within, cancel := context.WithTimeout(ctx, every)
			_ = c.Set(within) // the database is away: others say so
			cancel()
		}
	}
}
