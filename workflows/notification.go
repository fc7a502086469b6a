package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// NotificationInput names the notification.
type NotificationInput struct {
	AccountID      models.AccountID `json:"account_id"`
	NotificationID string           `json:"notification_id"`
	// Planned is where it stands, when whoever started the workflow has planned it just now
	// and all that is open is due. Nil has the workflow ask.
	Planned *activities.Progress `json:"planned,omitempty"`
}

// NotificationResult is how it ended.
type NotificationResult struct {
	Status models.NotificationStatus `json:"status"`
}

// Notification brings one notification to its end (models.NotificationLife): it waits until it is due,
// plans, and delivers to everybody at the same time. A signal makes it look at
// the database again.
func (w *Workflows) Notification(ctx workflow.Context, in NotificationInput) (NotificationResult, error) {
	n := &notification{policies: w.policies, in: in, step: stepDelivery, branches: map[string]bool{}, signals: listen(ctx, signalCancel, signalWake)}
	for {
		seen := n.signals.received
		progress, err := n.plan(ctx)
		if err != nil {
			return NotificationResult{}, err
		}
		n.status = progress.Status
		n.deliver(ctx, progress.Open)
		if err := n.wait(ctx, instant(ctx, progress.DueAt, progress.Wait), seen); err != nil {
			return NotificationResult{}, err
		}
		if len(n.branches) > 0 {
			continue
		}
		if n.err != nil {
			return NotificationResult{}, n.err
		}
		n.signals.drain()
		if n.signals.received == seen && n.status.Final() {
			return NotificationResult{Status: n.status}, nil
		}
		if n.renewing(ctx) || n.begun >= maxDeliveries {
			return NotificationResult{}, workflow.NewContinueAsNewError(ctx, workflow.GetInfo(ctx).WorkflowType.Name, n.in)
		}
	}
}

// notification is the state of one execution.
type notification struct {
	policies Policies
	in       NotificationInput
	// step is the activity that makes attempts.
	step string
	// signals make whoever waits look again.
	signals *signals
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
// is due. What the input knows need not be asked for.
func (n *notification) plan(ctx workflow.Context) (activities.Progress, error) {
	if known := n.in.Planned; known != nil {
		n.in.Planned = nil
		return *known, nil
	}
	var s activities.Progress
	t, _ := models.EntityNotification.Type()
	ref := activities.NotificationRef{AccountID: n.in.AccountID, NotificationID: n.in.NotificationID}
	err := n.policies.step(ctx, t, ref, &s)
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
	seen := n.signals.received
	for {
		if err := n.sleep(ctx, next, seen); err != nil {
			return err
		}
		if n.renewing(ctx) {
			return nil
		}
		seen = n.signals.received
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

// stepDelivery is the activity that makes the attempts of a delivery.
const stepDelivery = "Attempt"

// attempt makes one attempt: as a local activity when it may be, else, or when
// that could not be recorded, as one that is repeated until it could.
func (n *notification) attempt(ctx workflow.Context, id string, quick bool, waits int) (activities.AttemptResult, error) {
	var r activities.AttemptResult
	in := activities.AttemptInput{AccountID: n.in.AccountID, DeliveryID: id, Quick: quick, Waits: waits}
	var quickly workflow.Future
	if quick {
		quickly = workflow.ExecuteLocalActivity(n.policies.quickAttempt(ctx), n.step, in)
	}
	in.Quick = false
	err := n.policies.elsePatiently(ctx, quickly, n.step, in, &r)
	return r, err
}

// sleep waits until the instant, or until more signals were received than were seen.
func (n *notification) sleep(ctx workflow.Context, until time.Time, seen int) error {
	return sleep(ctx, until, func() bool { return n.signals.received != seen || n.renew })
}

// wait waits for what the notification waits for: its time, or its branches. A signal
// that was not seen yet ends either.
func (n *notification) wait(ctx workflow.Context, dueAt time.Time, seen int) error {
	switch {
	case len(n.branches) > 0:
		return workflow.Await(ctx, func() bool { return len(n.branches) == 0 || n.signals.received != seen })
	case !dueAt.IsZero():
		return n.sleep(ctx, dueAt, seen)
	case n.status.Final():
		return nil
	}
	return n.sleep(ctx, workflow.Now(ctx).Add(n.policies.LookAgain), seen)
}

// renewing reports whether the execution should end and go on as a new one. What
// is open is read from the database then.
func (n *notification) renewing(ctx workflow.Context) bool {
	n.renew = n.renew || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	return n.renew
}
