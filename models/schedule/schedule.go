// Package schedule computes instants: when a delivery is tried again and when it
// is given up. It is pure: the clock and the key of all jitter are parameters.
package schedule

import (
	"hash/fnv"
	"strconv"
	"time"

	"belfry.dev/belfry/models"
)

// Retry is how the deliveries of one channel are tried again.
type Retry struct {
	// Delays are the waits after the first, second, … failed round; one more
	// round than delays is made.
	Delays []time.Duration
	// Jitter is the share of a wait that may be added to it: 0–1. It never
	// shortens a wait.
	Jitter float64
	// DefaultWait is for a rate limit that names no wait.
	DefaultWait time.Duration
	// UnknownCodes bounds the rounds when a provider answers a code that the
	// adapter does not know. Source: channels, unknown codes (3).
	UnknownCodes int
}

// Failure is an attempt that did not succeed, and what bounds the delivery.
type Failure struct {
	Outcome string // one of models.Outcome…
	Reason  string // the provider's, as the adapter named it
	// Wait is what the provider asked for; zero when it named none.
	Wait time.Duration
	// At is now; Deadline the end of the notification's life.
	At       time.Time
	Deadline time.Time
	// Rounds counts the failed rounds, this one included.
	Rounds int
	// Limits counts the rate limits in a row, this one included.
	Limits int
	// Repeatable says that a second copy is impossible or bearable, so that an
	// attempt with an unknown outcome may be repeated.
	Repeatable bool
	// Key makes the jitter differ between deliveries and stay the same for one.
	Key string
}

// Verdict is what follows an attempt: a final state, or the next instant.
type Verdict struct {
	State  models.DeliveryState
	Reason string
	// NextAt is when a pending delivery is tried again; zero otherwise.
	NextAt time.Time
}

// After decides what follows the failure. A pending verdict's NextAt is never
// before the wait that the provider asked for and always before the deadline.
func (r Retry) After(f Failure) Verdict {
	switch f.Outcome {
	case models.OutcomeRetry:
		return r.again(f, f.Reason)
	case models.OutcomeAmbiguous, models.OutcomeUnknown:
		if !f.Repeatable {
			return failed(models.ReasonUnknown)
		}
		return r.again(f, models.ReasonUnknown)
	case models.OutcomeRateLimited:
		return r.limited(f)
	case models.OutcomeMisconfigured:
		return pending(f, f.At, models.ReasonSuspended, models.ReasonSuspended)
	case models.OutcomePermanent:
		return failed(f.Reason)
	}
	return failed(models.ReasonInternal)
}

// again waits for the schedule's next delay, or for what the provider asked if
// that is longer.
func (r Retry) again(f Failure, reason string) Verdict {
	if reason == models.ReasonUnknownCode && f.Rounds >= r.UnknownCodes {
		return failed(models.ReasonUnknownCode)
	}
	if f.Rounds > len(r.Delays) {
		return failed(models.ReasonExhausted)
	}
	delay := max(r.Delays[max(f.Rounds, 1)-1], f.Wait)
	return pending(f, f.At.Add(r.Spread(delay, f.Key, f.Rounds)), reason, models.ReasonExpired)
}

func (r Retry) limited(f Failure) Verdict {
	wait := f.Wait
	if wait <= 0 {
		wait = r.DefaultWait
	}
	wait = max(wait, patience(f))
	return pending(f, f.At.Add(r.Spread(wait, f.Key, f.Rounds)), models.ReasonRateLimited, models.ReasonRateLimited)
}

// limitedMost is the longest wait that limits in a row grow to.
const limitedMost = 10 * time.Minute

// patience is the least wait after limits in a row: it doubles, so that a
// provider that never stops to ask for a second is not called a day long. It
// leaves time for another attempt before the deadline.
func patience(f Failure) time.Duration {
	least := limitedMost
	if f.Limits <= 10 {
		least = time.Second << max(f.Limits-1, 0)
	}
	return min(least, limitedMost, max(f.Deadline.Sub(f.At)/2, 0))
}

// Long reports whether an endpoint that failed all the time since is dead,
// although the deadline came before the schedule's end: at least half of it is over.
func (r Retry) Long(since, now time.Time) bool {
	var whole time.Duration
	for _, delay := range r.Delays {
		whole += delay
	}
	return now.Sub(since) >= whole/2
}

// Spread returns the delay plus a jitter between nothing and Jitter × delay. The
// same key and round give the same jitter; the result never overflows.
func (r Retry) Spread(delay time.Duration, key string, round int) time.Duration {
	if delay <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key + "/" + strconv.Itoa(round))) // a hash never fails
	share := float64(mix(h.Sum64())>>11) / (1 << 53)        // [0, 1)
	jitter := time.Duration(float64(delay) * min(max(r.Jitter, 0), 1) * share)
	if sum := delay + jitter; sum > delay {
		return sum
	}
	return delay
}

// mix spreads the bits of a hash over the whole word: FNV leaves the high bits
// of short keys that differ in the last byte nearly equal.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func failed(reason string) Verdict {
	return Verdict{State: models.DeliveryFailed, Reason: reason}
}

// pending waits until next, or fails with the reason late when that is not
// before the deadline.
func pending(f Failure, next time.Time, reason, late string) Verdict {
	if !next.Before(f.Deadline) {
		return failed(late)
	}
	return Verdict{State: models.DeliveryPending, Reason: reason, NextAt: next}
}

// Expire is the end of a delivery whose deadline has passed: suppressed when
// nothing was ever tried, failed otherwise. While a reason to wait is given it
// stays the reason of the failure.
func Expire(attempts int, waitedFor string) Verdict {
	if attempts == 0 {
		return Verdict{State: models.DeliverySuppressed, Reason: models.ReasonExpired}
	}
	if waitedFor == models.ReasonRateLimited || waitedFor == models.ReasonSuspended {
		return failed(waitedFor)
	}
	return failed(models.ReasonExpired)
}

// Check returns when to look again at something that only a person or another
// worker can change: after as long as it has lasted since since, but at least
// first and at most most, so that the waits double. The result is never after
// the deadline.
func Check(now, since, deadline time.Time, first, most time.Duration) time.Time {
	next := now.Add(min(max(now.Sub(since), first), most))
	if next.After(deadline) {
		return deadline
	}
	return next
}
