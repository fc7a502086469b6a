package engine

import (
	"context"
	"math/rand/v2"
	"time"
)

// Bounds of the retries after a conflict: the waits add up to about two seconds
// at most, below the deadline of a request.
const (
	retries   = 10
	firstWait = 5 * time.Millisecond
	longWait  = 400 * time.Millisecond
)

// Retry runs fn again after a conflict with another transaction, at most ten
// times, with growing, jittered waits, and returns its last error. It never
// repeats after a lost connection: the commit may have happened.
func Retry(ctx context.Context, fn func() error) error {
	wait := firstWait
	for try := 0; ; try++ {
		err := fn()
		if !Conflict(err) || try == retries {
			return err
		}
		if !sleep(ctx, rand.N(wait)) {
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
