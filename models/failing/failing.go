// Package failing says when a bot that takes nothing counts as dead, and when its
// owner is told before. It is pure: the clock is a parameter.
package failing

import (
	"time"

	"belfry.dev/belfry/models"
)

// Stage is how far a bot is from its first failure to its suspension.
type Stage int

// The stages, in their order.
const (
	None   Stage = iota // nothing to tell yet
	First               // its owner is told
	Second              // its owner is told again
	Dead                // nothing is sent to it until somebody resumes it
)

// Limits are how long a bot fails, without any success, before each stage. Refusals for
// frequency do not count: what answers that it is called too often lives.
type Limits struct {
	First, Second, Dead time.Duration
}

// leastFailures is how often a bot fails at least before its owner hears of it.
const leastFailures = 3

// apart is the longest time between two failures that belong together: what nobody
// tried for a day may have worked meanwhile.
const apart = 24 * time.Hour

// Since is when the failures began that one at now goes on with.
func Since(s models.DestinationState, now time.Time) time.Time {
	if s.FailingSince == nil || s.LastFailureAt == nil || now.Sub(*s.LastFailureAt) > apart {
		return now
	}
	return *s.FailingSince
}

// Stage is the stage after one more failure at now; s is the state before it.
func (l Limits) Stage(s models.DestinationState, now time.Time) Stage {
	lasts := now.Sub(Since(s, now))
	switch {
	case s.Failures+1 < leastFailures || lasts < l.First:
		return None
	case lasts >= l.Dead:
		return Dead
	case lasts >= l.Second:
		return Second
	}
	return First
}
