package activities

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// quiet returns until when quiet hours hold the attempt, by the rule that planning goes by:
// whatever the delivery waited for may have ended inside of them. What cannot wait takes along
// what is merged with it.
func (t *turn) quiet() (time.Time, bool) {
	if !t.d.Notification.Source.Manner().Holdable {
		return time.Time{}, false
	}
	until, quiet := t.quietFor(t.kind, t.d.Notification, t.d.Delivery)
	for _, each := range t.merged {
		if !quiet {
			break
		}
		until, quiet = t.quietFor(each.kind, each.notification, each.delivery)
	}
	return until, quiet
}

func (t *turn) quietFor(kind models.MessageType, n models.Notification, d models.Delivery) (time.Time, bool) {
	q := routing.Quiet{Type: kind, Severity: n.Severity, Locked: d.Locked, Preferences: t.d.Quiet, TimeZone: t.d.TimeZone}
	return q.Until(t.now)
}

// hold waits until the instant, or for the end where that comes first. Waiting takes
// nothing from the time that the message type gives for tries.
func (t *turn) hold(ctx context.Context, until time.Time) (AttemptResult, bool, error) {
	life := t.d.Notification
	if t.d.Delivery.ReplayOf != "" { // its life began anew
		life.CreatedAt, life.ScheduleAt = t.d.Delivery.CreatedAt, nil
	}
	expires := routing.Expiry(t.kind, life, until)
	if expires.Before(life.ExpiresAt) {
		expires = life.ExpiresAt
	}
	if until.After(expires) {
		until = expires
	}
	next := t.next(schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQuietHours, NextAt: until})
	p, err := t.a.Store.HoldDelivery(ctx, next, expires)
	if err != nil {
		return AttemptResult{}, true, err
	}
	return t.result(p), true, nil
}
