package delivering

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// obstacle returns why the recipient may not be written to any more, or "".
func (t *turn) obstacle() string {
	if t.d.Notification.Source.Manner().Proof {
		return t.invitationOver()
	}
	return t.a.eligible(t.d.Notification, t.kind, t.d.Delivery, t.d.Recipient)
}

// eligible asks what planning asked, of the recipient as it is now.
func (a *Delivering) eligible(n models.Notification, kind models.MessageType, d models.Delivery, r models.Recipient) string {
	return routing.Eligible(routing.Again(kind, d, r, func() string { return a.Folded(n, kind, d.Language) }))
}

// lose ends a delivery for what stands in its recipient's way: suppressed when it was never
// tried. Who takes its place is recorded with it.
func (t *turn) lose(ctx context.Context, reason string) (Result, bool, error) {
	heirs, err := t.heirs(ctx)
	if err != nil {
		return Result{}, true, err
	}
	v := schedule.Verdict{State: models.DeliveryCancelled, Reason: reason}
	if t.d.Delivery.Attempts == 0 && reason != models.ReasonDeleted && reason != models.ReasonInvitation {
		v.State = models.DeliverySuppressed
	}
	return t.replace(ctx, v, heirs)
}

// heirs are who may take the delivery's place now.
func (t *turn) heirs(ctx context.Context) (models.Heirs, error) {
	n := t.d.Notification
	if n.Source.Manner().OneAddress || t.d.Delivery.BotID != "" || !t.now.Before(n.ExpiresAt) {
		return models.Heirs{}, nil
	}
	targets, err := t.a.Store.NotificationTargets(ctx, n.AccountID, n.Type)
	if err != nil {
		return models.Heirs{}, err
	}
	targets.Language = n.Language // as it was accepted
	return routing.Heirs(routing.Input{
		Targets: targets, Type: t.kind, Severity: n.Severity, Now: t.now, ExpiresAt: n.ExpiresAt,
		Text: func(language string) string { return t.a.Folded(n, t.kind, language) },
	}, t.d.Delivery), nil
}

// heirsElsewhere are the heirs at other addresses than the one that does not exist. What
// the attempt found out is recorded without them if need be.
func (t *turn) heirsElsewhere(ctx context.Context) models.Heirs {
	heirs, err := t.heirs(ctx)
	if err != nil {
		t.a.Logger.Error("cannot look for another recipient", "delivery_id", t.in.DeliveryID, "error", err)
	}
	heirs.Shared = nil
	heirs.Floor = slices.DeleteFunc(heirs.Floor, func(d models.Delivery) bool { return d.AddressKey == t.d.Delivery.AddressKey })
	return heirs
}
