package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// EntityInput names the row that a workflow looks after.
type EntityInput struct {
	AccountID models.AccountID `json:"account_id"`
	ID        string           `json:"id"`
}

// lookAfter has steps done until none is left: at once, when the row says, and when a
// signal says that the row was changed. What a step is, the kind's activity knows.
func (w *Workflows) lookAfter(ctx workflow.Context, kind models.EntityKind, in EntityInput) error {
	t, _ := kind.Type()
	s := listen(ctx, signalWake)
	stage := ""
	for steps := 1; ; steps++ {
		seen := s.received
		var next activities.Step
		if err := w.policies.step(ctx, t, activities.EntityRef(in), &next); err != nil {
			return err
		}
		if next.Done {
			if s.drain(); s.received == seen {
				return nil
			}
			continue
		}
		if stage == "" {
			stage = next.Stage
		}
		if next.Renew || next.Stage != stage || steps >= maxSteps || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			s.drain() // the next execution looks at the row in any case
			return workflow.NewContinueAsNewError(ctx, t.Workflow, in)
		}
		if err := sleep(ctx, instant(ctx, next.NextAt, next.Wait), func() bool { return s.received != seen }); err != nil {
			return err
		}
	}
}

// step has the kind's step done: as a local activity, else patiently.
func (p Policies) step(ctx workflow.Context, t models.EntityType, in, result any) error {
	return p.elsePatiently(ctx, workflow.ExecuteLocalActivity(p.quickStep(ctx), t.Step, in), t.Step, in, result)
}

// elsePatiently waits for the local activity, if there is one. When it could not be done, or
// not recorded, the activity is repeated until it could.
func (p Policies) elsePatiently(ctx workflow.Context, quickly workflow.Future, activity, in, result any) error {
	if quickly != nil {
		if err := quickly.Get(ctx, result); err == nil || hopeless(err) {
			return err
		}
	}
	return workflow.ExecuteActivity(p.patient(ctx), activity, in).Get(ctx, result)
}

// hopeless reports whether no repetition helps: the activity said so, or the
// execution is being cancelled.
func hopeless(err error) bool {
	if temporal.IsCanceledError(err) {
		return true
	}
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && failure.NonRetryable()
}
