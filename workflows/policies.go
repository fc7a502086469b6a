package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Policies are the limits of activities, by intent. Zero values mean the
// defaults named at each field. Changing them does not disturb what runs.
type Policies struct {
	// RecordWithin bounds a short step on the database, repetitions included: 8 s.
	RecordWithin time.Duration
	// AttemptWithin bounds one attempt of a delivery, recording included: 30 s. It
	// is also how long the death of a worker goes unnoticed.
	AttemptWithin time.Duration
	// RetryFirst and RetryMost bound the growing waits after Belfry itself could
	// not do its work, because the database is down, say: 1 s and 1 min.
	RetryFirst time.Duration
	RetryMost  time.Duration
	// GiveUpAfter ends such repetitions: 9 days, most of one more than the longest time
	// to live of a notification, quiet hours included.
	GiveUpAfter time.Duration
	// LookAgain is how soon a workflow that found nothing to wait for looks again: 30 s.
	LookAgain time.Duration
	// HouseworkWithin bounds one long step that nobody waits for: 2 min. BeatWithin
	// is how long such a step may be silent: 30 s. HouseworkGiveUp ends its
	// repetitions: 6 h, long before it is begun anew.
	HouseworkWithin time.Duration
	BeatWithin      time.Duration
	HouseworkGiveUp time.Duration
}

// Limits of one execution. Source: the engine's limits of a history.
const (
	maxDeliveries = 500
	maxSteps      = 200
)

func (p Policies) withDefaults() Policies {
	p.RecordWithin = cmp.Or(p.RecordWithin, 8*time.Second)
	p.AttemptWithin = cmp.Or(p.AttemptWithin, 30*time.Second)
	p.RetryFirst = cmp.Or(p.RetryFirst, time.Second)
	p.RetryMost = cmp.Or(p.RetryMost, time.Minute)
	p.GiveUpAfter = cmp.Or(p.GiveUpAfter, 9*24*time.Hour)
	p.LookAgain = cmp.Or(p.LookAgain, 30*time.Second)
	p.HouseworkWithin = cmp.Or(p.HouseworkWithin, 2*time.Minute)
	p.BeatWithin = cmp.Or(p.BeatWithin, 30*time.Second)
	p.HouseworkGiveUp = cmp.Or(p.HouseworkGiveUp, 6*time.Hour)
	return p
}

// housework is for long steps that nobody waits for.
func (p Policies) housework(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    p.HouseworkWithin,
		HeartbeatTimeout:       p.BeatWithin,
		ScheduleToCloseTimeout: p.HouseworkGiveUp,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: p.RetryFirst, BackoffCoefficient: 2, MaximumInterval: p.RetryMost,
		},
	})
}

// quickStep is for a step that takes milliseconds; a few repetitions at once.
func (p Policies) quickStep(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: p.RecordWithin,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumAttempts: 3,
		},
	})
}

// quickAttempt is for the first attempt of a delivery: once.
func (p Policies) quickAttempt(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: p.AttemptWithin,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	})
}

// patient is for steps that must be done in the end, whatever is down now.
func (p Policies) patient(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    p.AttemptWithin,
		ScheduleToCloseTimeout: p.GiveUpAfter,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: p.RetryFirst, BackoffCoefficient: 2, MaximumInterval: p.RetryMost,
		},
	})
}
