package activities

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// NotificationRef names the notification that a workflow is about.
type NotificationRef struct {
	AccountID      models.AccountID `json:"account_id"`
	NotificationID string           `json:"notification_id"`
}

// Progress is how far a notification has come: ids and times only.
type Progress struct {
	Status models.NotificationStatus `json:"status"`
	// DueAt is when it must be looked at again, to be planned mostly; zero when nobody
	// knows. Wait is how long that is from now.
	DueAt time.Time     `json:"due_at,omitzero"`
	Wait  time.Duration `json:"wait,omitzero"`
	// Open are the deliveries that are not final: oldest first, at most 500.
	Open []OpenDelivery `json:"open,omitempty"`
}

// OpenDelivery is a delivery that a workflow must bring to its end.
type OpenDelivery struct {
	ID string `json:"id"`
	// NextAt is when to try it; zero means now. Wait is how long that is from now.
	NextAt time.Time     `json:"next_at,omitzero"`
	Wait   time.Duration `json:"wait,omitzero"`
	// Quick says that the next attempt is the first and may be a local activity:
	// running that again after a crash finds its row, and calls nobody twice.
	Quick bool `json:"quick,omitempty"`
}

// Plan chooses whom the notification reaches and writes the deliveries, once it
// is due; before and after that it only tells how far the notification has come.
// Running it again does no harm.
func (a *Activities) Plan(ctx context.Context, ref NotificationRef) (Progress, error) {
	return a.plan(ctx, ref, a.store.PlanNotification)
}

// PlanBeforeStart is Plan for whoever starts the notification's workflow afterwards, where
// something is left to do.
func (a *Activities) PlanBeforeStart(ctx context.Context, ref NotificationRef) (Progress, error) {
	return a.plan(ctx, ref, a.store.PlanBeforeStart)
}

// storePlans is how plans are stored.
type storePlans func(ctx context.Context, account models.AccountID, id string, plans ...models.Plan) (models.Progress, error)

func (a *Activities) plan(ctx context.Context, ref NotificationRef, store storePlans) (s Progress, err error) {
	defer a.work.Catch("plan notification", ref.NotificationID, &err)
	n, err := a.store.OpenNotification(ctx, ref.AccountID, ref.NotificationID)
	switch {
	case err != nil:
		return Progress{}, a.work.Fault("open notification", ref.NotificationID, err)
	case n.Status.Final():
		return Progress{Status: n.Status}, nil
	case n.PlannedAt != nil || n.CancelledAt != nil:
		p, err := a.store.SettleNotification(ctx, ref.AccountID, ref.NotificationID)
		return a.progress(n, p), a.work.Fault("settle notification", n.ID, err)
	case n.ScheduleAt != nil && n.ScheduleAt.After(a.work.Now()):
		return Progress{Status: n.Status, DueAt: *n.ScheduleAt, Wait: n.ScheduleAt.Sub(a.work.Now())}, nil
	}
	plans, err := a.planning.Plans(ctx, n)
	if err != nil {
		return Progress{}, a.work.Fault("plan notification", n.ID, err)
	}
	p, err := store(ctx, n.AccountID, n.ID, plans...)
	if err == nil {
		a.count(plans)
	}
	return a.progress(n, p), a.work.Fault("store plan", n.ID, err)
}

// count counts the deliveries that planning itself ended: those into inboxes, and
// those that are recorded as a no.
func (a *Activities) count(plans []models.Plan) {
	for _, plan := range plans {
		for _, d := range plan.Deliveries {
			if d.State.Final() {
				a.work.Meter.Ended(plan.Notification, d, a.work.Now())
			}
		}
	}
}

// progress counts what ended, and says what is open. What is in an envelope is looked at when
// that is at its end, or its own time is over.
func (a *Activities) progress(n models.Notification, p models.Progress) Progress {
	for _, d := range p.Ended {
		a.work.Meter.Ended(n, d, a.work.Now())
	}
	s := Progress{Status: p.Status}
	for _, d := range p.Pending {
		s.Open = append(s.Open, a.openDelivery(d))
	}
	if len(s.Open) == 0 && !s.Status.Final() {
		s.DueAt, s.Wait = a.work.Ahead(n.ExpiresAt)
	}
	return s
}

func (a *Activities) openDelivery(d models.Delivery) OpenDelivery {
	open := OpenDelivery{ID: d.ID, Quick: d.Attempts == 0}
	if d.NextAttemptAt != nil {
		open.NextAt, open.Wait = a.work.Ahead(*d.NextAttemptAt)
	}
	return open
}
