package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// NotificationInput names the notification.
type NotificationInput struct {
	AccountID      models.AccountID `json:"account_id"`
	NotificationID string           `json:"notification_id"`
}

// NotificationResult is how it ended.
type NotificationResult struct {
	Status models.NotificationStatus `json:"status"`
}

// Notification brings one notification to its end: it waits until it is due,
// plans, and delivers to everybody at the same time. A signal makes it look at
// the database again.
func (w *Workflows) Notification(ctx workflow.Context, in NotificationInput) (NotificationResult, error) {
	n := &notification{policies: w.policies, in: in, branches: map[string]bool{}, bell: listen(ctx, signalCancel, signalWake)}
	for {
		heard := n.bell.rung
		standing, err := n.plan(ctx)
		if err != nil {
			return NotificationResult{}, err
		}
		n.status = standing.Status
		n.deliver(ctx, standing.Open)
		if err := n.wait(ctx, instant(ctx, standing.DueAt, standing.Wait), heard); err != nil {
			return NotificationResult{}, err
		}
		if len(n.branches) > 0 {
			continue
		}
		if n.err != nil {
			return NotificationResult{}, n.err
		}
		n.bell.drain()
		if n.bell.rung == heard && n.status.Final() {
			return NotificationResult{Status: n.status}, nil
		}
		if n.renewing(ctx) || n.begun >= maxDeliveries {
			return NotificationResult{}, workflow.NewContinueAsNewError(ctx, NameNotification, in)
		}
	}
}

// notification is the state of one execution.
type notification struct {
	policies Policies
	in       NotificationInput
	// bell rings for signals: whoever waits looks again.
	bell *bell
	// branches are the deliveries that are being brought to their end; begun
	// counts them and those before.
	branches map[string]bool
	begun    int
	status   models.NotificationStatus
	// renew says that the history is long: all branches end where they wait, and
	// a new execution goes on.
	renew bool
	// err is the first failure of a branch; the others go on.
	err error
}

// plan asks where the notification stands, and has its recipients chosen once it
// is due.
func (n *notification) plan(ctx workflow.Context) (activities.Standing, error) {
	var a *activities.Activities
	var s activities.Standing
	ref := activities.NotificationRef{AccountID: n.in.AccountID, NotificationID: n.in.NotificationID}
	err := workflow.ExecuteLocalActivity(n.policies.quickStep(ctx), a.Plan, ref).Get(ctx, &s)
	if err == nil || hopeless(err) {
		return s, err
	}
	err = workflow.ExecuteActivity(n.policies.patient(ctx), a.Plan, ref).Get(ctx, &s)
	return s, err
}

// deliver begins a branch for every open delivery that has none, up to the limit
// of an execution.
func (n *notification) deliver(ctx workflow.Context, open []activities.OpenDelivery) {
	for _, d := range open {
		if n.branches[d.ID] || n.begun >= maxDeliveries {
			continue
		}
		n.branches[d.ID] = true
		n.begun++
		workflow.Go(ctx, func(ctx workflow.Context) {
			if err := n.branch(ctx, d); err != nil && n.err == nil {
				n.err = err
			}
			delete(n.branches, d.ID)
		})
	}
}

// branch brings one delivery to its end.
func (n *notification) branch(ctx workflow.Context, d activities.OpenDelivery) error {
	next, quick, waits := instant(ctx, d.NextAt, d.Wait), d.Quick, 0
	heard := n.bell.rung
	for {
		if err := n.sleep(ctx, next, heard); err != nil {
			return err
		}
		if n.renewing(ctx) {
			return nil
		}
		heard = n.bell.rung
		r, err := n.attempt(ctx, d.ID, quick, waits)
		if err != nil {
			return err
		}
		if r.Done {
			n.status = r.Status
			return nil
		}
		next, quick = instant(ctx, r.NextAt, r.Wait), r.Quick
		if waits++; !r.Busy {
			waits = 0
		}
	}
}

// attempt makes one attempt: as a local activity when it may be, else, or when
// that could not be recorded, as one that is repeated until it could.
func (n *notification) attempt(ctx workflow.Context, id string, quick bool, waits int) (activities.AttemptResult, error) {
	var a *activities.Activities
	var r activities.AttemptResult
	in := activities.AttemptInput{AccountID: n.in.AccountID, DeliveryID: id, Quick: quick, Waits: waits}
	if quick {
		err := workflow.ExecuteLocalActivity(n.policies.quickAttempt(ctx), a.Attempt, in).Get(ctx, &r)
		if err == nil || hopeless(err) {
			return r, err
		}
	}
	in.Quick = false
	err := workflow.ExecuteActivity(n.policies.patient(ctx), a.Attempt, in).Get(ctx, &r)
	return r, err
}

// instant is when the wait ends by the workflow's clock. An activity's clock may
// show another time: an instant of its own could be over here, and the workflow
// would ask again and again. Without a wait it is at, as activities of earlier
// releases told it.
func instant(ctx workflow.Context, at time.Time, wait time.Duration) time.Time {
	if wait <= 0 {
		return at
	}
	return workflow.Now(ctx).Add(wait)
}

// sleep waits until the instant, or until a bell that was not heard yet.
func (n *notification) sleep(ctx workflow.Context, until time.Time, heard int) error {
	left := until.Sub(workflow.Now(ctx))
	if left <= 0 {
		return nil
	}
	_, err := workflow.AwaitWithTimeout(ctx, left, func() bool { return n.bell.rung != heard || n.renew })
	return err
}

// wait waits for what the notification waits for: its time, or its branches. A
// bell that was not heard yet ends either.
func (n *notification) wait(ctx workflow.Context, dueAt time.Time, heard int) error {
	switch {
	case len(n.branches) > 0:
		return workflow.Await(ctx, func() bool { return len(n.branches) == 0 || n.bell.rung != heard })
	case !dueAt.IsZero():
		return n.sleep(ctx, dueAt, heard)
	case n.status.Final():
		return nil
	}
	return n.sleep(ctx, workflow.Now(ctx).Add(n.policies.LookAgain), heard)
}

// renewing reports whether the execution should end and go on as a new one. What
// is open is read from the database then.
func (n *notification) renewing(ctx workflow.Context) bool {
	n.renew = n.renew || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	return n.renew
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
