package delivering

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// obstacle returns why the recipient may not be written to any more, or "".
func (l *look) obstacle() string {
	if l.d.Notification.Source.Manner().Proof {
		return invitationOver(l.d)
	}
	return l.a.eligible(l.d.Notification, l.kind, l.d.Delivery, l.d.Recipient)
}

// eligible asks what planning asked, of the recipient as it is now.
func (a *Delivering) eligible(n models.Notification, kind models.MessageType, d models.Delivery, r models.Recipient) string {
	return routing.Eligible(routing.Again(kind, d, r, func() string { return a.Folded(n, kind, d.Language) }))
}

// lose ends a delivery for what stands in its recipient's way: suppressed when it was never
// tried. Who takes its place is recorded with it.
func (l *look) lose(ctx context.Context, reason string) (Result, bool, error) {
	heirs, err := l.heirs(ctx)
	if err != nil {
		return Result{}, true, err
	}
	v := schedule.Verdict{State: models.DeliveryCancelled, Reason: reason}
	if l.d.Delivery.Attempts == 0 && reason != models.ReasonDeleted && reason != models.ReasonInvitation {
		v.State = models.DeliverySuppressed
	}
	return l.replace(ctx, v, heirs)
}

// heirs are who may take the delivery's place now.
func (l *look) heirs(ctx context.Context) (models.Heirs, error) {
	n := l.d.Notification
	if n.Source.Manner().OneAddress || l.d.Delivery.BotID != "" || !l.now.Before(n.ExpiresAt) {
		return models.Heirs{}, nil
	}
	targets, err := l.a.Store.NotificationTargets(ctx, n.AccountID, n.Type)
	if err != nil {
		return models.Heirs{}, err
	}
	targets.Language = n.Language // as it was accepted
	return routing.Heirs(routing.Input{
		Targets: targets, Type: l.kind, Severity: n.Severity, Now: l.now, ExpiresAt: n.ExpiresAt,
		Text: func(language string) string { return l.a.Folded(n, l.kind, language) },
	}, l.d.Delivery), nil
}

// heirsElsewhere are the heirs at other addresses than the one that does not exist. What
// the attempt found out is recorded without them if need be.
func (c *call) heirsElsewhere(ctx context.Context) models.Heirs {
	heirs, err := c.heirs(ctx)
	if err != nil {
		c.a.Logger.Error("cannot look for another recipient", "delivery_id", c.in.DeliveryID, "error", err)
	}
	heirs.Shared = nil
	heirs.Floor = slices.DeleteFunc(heirs.Floor, func(d models.Delivery) bool { return d.AddressKey == c.d.Delivery.AddressKey })
	return heirs
}
