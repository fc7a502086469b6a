package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"belfry.dev/belfry/models"
)

// RetainInput is where retention goes on.
type RetainInput struct {
	Kind models.RetentionKind `json:"kind"`
	// After is the last row that was looked at; "" begins.
	After string `json:"after,omitempty"`
}

// RetainResult is how far it came.
type RetainResult struct {
	After string `json:"after,omitempty"`
	// Deleted counts the rows of the kind that are gone.
	Deleted int `json:"deleted"`
	// Done says that nothing of the kind is left to look at.
	Done bool `json:"done,omitempty"`
}

// retainFor bounds how long one activity deletes.
const retainFor = 10 * time.Second

// Retain deletes what is over of one kind, in small transactions. Half of the time is
// left to others: one writer is all that SQLite has.
func (a *Activities) Retain(ctx context.Context, in RetainInput) (r RetainResult, err error) {
	defer a.work.Catch("retain", string(in.Kind), &err)
	r.After = in.After
	for began := a.work.Clock(); !r.Done && a.work.Clock().Sub(began) < retainFor; {
		at := a.work.Clock()
		step, err := a.store.Retain(ctx, in.Kind, r.After)
		if err != nil {
			return r, a.work.Fault("retain", string(in.Kind), err)
		}
		r = RetainResult{After: step.After, Deleted: r.Deleted + step.Deleted, Done: step.Done}
		if activity.IsActivity(ctx) {
			activity.RecordHeartbeat(ctx)
		}
		if step.Deleted > 0 {
			rest(ctx, a.work.Clock().Sub(at))
		}
	}
	if r.Deleted > 0 {
		a.work.Logger.InfoContext(ctx, "deleted what is over", "kind", in.Kind, "rows", r.Deleted)
	}
	return r, nil
}

// rest waits, or until the context ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
