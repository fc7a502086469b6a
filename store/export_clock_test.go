package store

import (
	"context"
	"log/slog"
	"time"
)

// Clock is the clock that follows the database.
type Clock struct{ *clock }

// NewClock makes one of a process's time and a database's clock.
func NewClock(elapsed func() time.Duration, ask func(context.Context) (time.Time, error)) Clock {
	return Clock{&clock{elapsed: elapsed, local: time.Now, ask: ask, log: slog.New(slog.DiscardHandler)}}
}

// Set asks the database.
func (c Clock) Set(ctx context.Context) error { return c.set(ctx) }
