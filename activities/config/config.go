// Package config is what bounds the work of activities, and its defaults.
package config

import (
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/failing"
	"belfry.dev/belfry/models/schedule"
)

// Config bounds the work. Zero values mean the defaults named at each field.
type Config struct {
	// Retry is how deliveries are tried again, by channel; channels that are not
	// named use DefaultRetry. The default is what the adapters say.
	Retry        map[models.Channel]schedule.Retry
	DefaultRetry schedule.Retry
	// AttemptTimeout bounds one call to a provider, from rendering to the answer:
	// 20 s. It is less than the activity's own limit, so that the outcome can
	// still be recorded.
	AttemptTimeout time.Duration
	// DeadAfter is when an attempt without an outcome counts as abandoned: 30 s.
	// It is more than AttemptTimeout.
	DeadAfter time.Duration
	// PauseCap bounds how long a rate limit pauses a destination for everybody: 1 h.
	PauseCap time.Duration
	// SuspendedFirst and SuspendedMost bound the growing waits between looks at a
	// suspended destination: 30 s and 5 min. Repairing it wakes deliveries at once.
	SuspendedFirst time.Duration
	SuspendedMost  time.Duration
	// Failing is how long a bot takes nothing before its owner is told, told again, and
	// before it is suspended: 10 min, 24 h and 48 h.
	Failing failing.Limits
	// Concurrency bounds the calls to one destination at the same time in this
	// process: 16.
	Concurrency int
	// BusyWait is how long a delivery stays away from a destination whose calls
	// are all taken: 500 ms; it doubles up to 10 s, and is longer, up to 5 min, where
	// many wait for a slow destination.
	BusyWait time.Duration
	// SlowAfter makes a destination slow whose last call took longer: 2 s. Slow
	// destinations get normal activities, which hold no workflow task.
	SlowAfter time.Duration
	// Invitations are the durations and limits of invitations; see there.
	Invitations models.InvitationRules
}

// BusyMost bounds the waits for a destination whose calls are all taken.
const BusyMost = 10 * time.Second

// WithDefaults fills in what is left out; the adapters say how their channels try again.
func (c Config) WithDefaults(descriptors []channels.Descriptor) Config {
	c.AttemptTimeout = orElse(c.AttemptTimeout, 20*time.Second)
	c.DeadAfter = orElse(c.DeadAfter, 30*time.Second)
	c.PauseCap = orElse(c.PauseCap, time.Hour)
	c.SuspendedFirst = orElse(c.SuspendedFirst, 30*time.Second)
	c.SuspendedMost = orElse(c.SuspendedMost, 5*time.Minute)
	c.Failing.First = orElse(c.Failing.First, 10*time.Minute)
	c.Failing.Second = orElse(c.Failing.Second, 24*time.Hour)
	c.Failing.Dead = orElse(c.Failing.Dead, 48*time.Hour)
	c.Concurrency = orElse(c.Concurrency, 16)
	c.BusyWait = orElse(c.BusyWait, 500*time.Millisecond)
	c.SlowAfter = orElse(c.SlowAfter, 2*time.Second)
	c.Invitations = c.Invitations.WithDefaults()
	c.Invitations.Kinds = channels.AddressKinds(descriptors)
	if len(c.DefaultRetry.Delays) == 0 {
		c.DefaultRetry = defaultRetry()
	}
	if c.Retry == nil {
		c.Retry = retries(descriptors)
	}
	return c
}

// RetryOf returns how the channel's deliveries are tried again.
func (c Config) RetryOf(channel models.Channel) schedule.Retry {
	if r, ok := c.Retry[channel]; ok {
		return r
	}
	return c.DefaultRetry
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// defaultRetry is the schedule of Standard Webhooks, which fits what is on the
// other side of a network in general: about 28 hours and nine rounds.
func defaultRetry() schedule.Retry {
	return schedule.Retry{
		Delays: []time.Duration{
			5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
			5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
		},
		Jitter: 0.1, DefaultWait: time.Minute, UnknownCodes: 3,
	}
}

// retries are the channels' own schedules.
func retries(descriptors []channels.Descriptor) map[models.Channel]schedule.Retry {
	own := map[models.Channel]schedule.Retry{}
	for _, d := range descriptors {
		if _, known := own[d.Channel]; !known && len(d.Waits) > 0 {
			r := defaultRetry()
			r.Delays = d.Waits
			own[d.Channel] = r
		}
	}
	return own
}
