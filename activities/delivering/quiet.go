package delivering

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// quiet returns until when quiet hours hold the attempt, with all that it tells of.
func (l *look) quiet() (time.Time, bool) {
	if !l.d.Notification.Source.Manner().Holdable {
		return time.Time{}, false
	}
	message := []routing.Quiet{routing.QuietAgain(l.kind, l.d.Notification, l.d.Delivery, l.d.Recipient)}
	for _, each := range l.merged {
		message = append(message, routing.QuietAgain(each.kind, each.notification, each.delivery, l.d.Recipient))
	}
	return routing.HeldUntil(l.now, message...)
}

// hold waits until the instant.
func (l *look) hold(ctx context.Context, until time.Time) (Result, bool, error) {
	if l.d.Delivery.StandsForEnvelope() {
		if err := holdParts(ctx, l, until); err != nil {
			return Result{}, true, err
		}
		return l.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQuietHours, NextAt: until})
	}
	until, expires := routing.Hold(l.kind, l.d.Notification, l.d.Delivery, until)
	next := l.next(schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQuietHours, NextAt: until})
	p, err := l.a.Store.HoldDelivery(ctx, next, expires)
	if err != nil {
		return Result{}, true, err
	}
	return l.result(p), true, nil
}
