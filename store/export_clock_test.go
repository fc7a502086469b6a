package store

import (
	"context"
	"log/slog"
	"time"

	"belfry.dev/belfry/store/clock"
)

// NewClock makes one of a process's time and a database's clock.
func NewClock(elapsed func() time.Duration, ask func(context.Context) (time.Time, error)) *clock.Clock {
	return clock.New(elapsed, time.Now, ask, slog.New(slog.DiscardHandler))
}
