package engine

import (
	"context"
	"math/rand/v2"
	"time"
)

// Bounds of the retries after a conflict: all together stay below the deadline
// of a request. Lock waits count, so that a second one is the last.
const (
	retries   = 10
	patience  = 4 * time.Second
	firstWait = 5 * time.Millisecond
	longWait  = 400 * time.Millisecond
)

// Retry runs fn again after a conflict with another transaction, at most ten
// times within four seconds, with growing, jittered waits, and returns its last
// error. It never repeats after a lost connection: the commit may have happened.
func Retry(ctx context.Context, fn func() error) error {
	started, wait := time.Now(), firstWait
	for try := 0; ; try++ {
		err := fn()
		if !Conflict(err) || try == retries || time.Since(started) > patience {
			return err
		}
		if !sleep(ctx, rand.N(wait)) { //nolint:gosec // jitter is no secret //nolint:gosec // jitter needs no secrecy
			return err
		}
		wait = min(2*wait, longWait)
	}
}

// sleep waits and reports whether the context still lives.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
