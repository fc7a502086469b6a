package delivering

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// quiet returns until when quiet hours hold the attempt, with all that it tells of.
func (t *turn) quiet() (time.Time, bool) {
	if !t.d.Notification.Source.Manner().Holdable {
		return time.Time{}, false
	}
	message := []routing.Quiet{routing.QuietAgain(t.kind, t.d.Notification, t.d.Delivery, t.d.Recipient)}
	for _, each := range t.merged {
		message = append(message, routing.QuietAgain(each.kind, each.notification, each.delivery, t.d.Recipient))
	}
	return routing.HeldUntil(t.now, message...)
}

// hold waits until the instant.
func (t *turn) hold(ctx context.Context, until time.Time) (Result, bool, error) {
	if t.d.Delivery.StandsForEnvelope() {
		if err := holdParts(ctx, t, until); err != nil {
			return Result{}, true, err
		}
		return t.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQuietHours, NextAt: until})
	}
	until, expires := routing.Hold(t.kind, t.d.Notification, t.d.Delivery, until)
	next := t.next(schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQuietHours, NextAt: until})
	p, err := t.a.Store.HoldDelivery(ctx, next, expires)
	if err != nil {
		return Result{}, true, err
	}
	return t.result(p), true, nil
}
