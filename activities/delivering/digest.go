package delivering

import (
	"context"
	"time"

	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// Envelope brings an envelope that has a row one step further, as Attempt does with a
// delivery: it waits until it closes, and sends what may still be sent as one message.
func (a *Delivering) Envelope(ctx context.Context, in Input) (result Result, err error) {
	defer a.Catch("deliver envelope", in.DeliveryID, &err)
	for range maxLooks {
		result, done, err := takeEnvelope(ctx, a, in)
		if err != nil {
			return Result{}, a.Fault("deliver envelope", in.DeliveryID, err)
		}
		if done {
			result.NextAt, result.Wait = a.Ahead(result.NextAt)
			return result, nil
		}
	}
	return Result{}, nil
}

// takeEnvelope does the first thing that applies; false when it must be looked at again at once.
func takeEnvelope(ctx context.Context, a *Delivering, in Input) (Result, bool, error) {
	now := a.Now()
	d, err := a.Store.DispatchEnvelope(ctx, in.AccountID, in.DeliveryID, now)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && d.Envelope.State.Final() { // retention deletes what is at its end
		return Result{Done: true}, true, nil
	}
	l := &look{a: a, in: in, d: d, now: now}
	if err == nil {
		err = addParts(ctx, l)
	}
	if err != nil {
		return Result{}, true, err
	}
	e := *l.d.Envelope
	if e.State == models.EnvelopeOpen && !pacing.Queue(e) && e.ClosesAt.After(l.now) {
		return l.lookAt(e.ClosesAt), true, nil
	}
	if last, open := underWay(l.d.Attempts); open {
		return l.resolve(ctx, last)
	}
	if left, err := leave(ctx, l); err != nil || left {
		return Result{}, false, err
	}
	switch waits := l.d.Delivery.Reason != models.ReasonSuspended; {
	case len(l.merged) == 0:
		return l.settle(ctx, schedule.Verdict{State: models.DeliveryCancelled, Reason: e.Reason})
	case e.State == models.EnvelopeOpen && pacing.Queue(e): // it closes when it gets a slot
	case e.State == models.EnvelopeOpen:
		gone, err := a.Store.CloseEnvelope(ctx, e, d.With, routing.ClosingLimits(d.With, now))
		for _, part := range gone {
			a.Meter.Ended(part.Notification, part.Delivery, now)
		}
		return Result{}, false, err
	case waits && e.NextAt != nil && e.NextAt.After(l.now):
		return l.waiting(l.d.Delivery), true, nil
	}
	return l.choose(ctx)
}

// addParts reads what is in the envelope: the most urgent stands for all, the last ends the tries.
func addParts(ctx context.Context, l *look) error {
	for i, part := range l.d.With {
		n := part.Notification
		kind, err := l.a.Store.MessageTypeVersion(ctx, n.Type, n.TypeVersion)
		if err != nil {
			return err
		}
		if i == 0 {
			l.kind = kind
		}
		if n.ExpiresAt.After(l.d.Notification.ExpiresAt) {
			l.d.Notification.ExpiresAt = n.ExpiresAt
		}
		l.merged = append(l.merged, mergedPart{n, kind, part.Delivery})
	}
	return nil
}

// leave lets leave what was cancelled, may not be sent any more, or is over. It reports
// whether something left.
func leave(ctx context.Context, l *look) (bool, error) {
	left := false
	for i, part := range l.d.With {
		own := &look{a: l.a, in: l.in, d: models.Dispatch{Notification: part.Notification, Delivery: part.Delivery, Recipient: part.Recipient}, kind: l.merged[i].kind, now: l.now}
		var err error
		switch reason := own.obstacle(); {
		case part.Notification.CancelledAt != nil:
			_, _, err = own.settle(ctx, schedule.Verdict{State: models.DeliveryCancelled, Reason: models.ReasonCancelled})
		case reason != "":
			_, _, err = own.lose(ctx, reason)
		case !l.now.Before(part.Notification.ExpiresAt):
			_, _, err = own.settle(ctx, schedule.Expire(part.Delivery.Attempts, part.Delivery.Reason))
		default:
			continue
		}
		if left = true; err != nil {
			return left, err
		}
	}
	return left, nil
}

// countParts counts what the attempt told of and what ended with the envelope.
func countParts(l *look, end models.Delivery) {
	for _, part := range l.merged {
		part.delivery.State, part.delivery.Reason = end.State, end.Reason
		l.a.Meter.Ended(part.notification, part.delivery, l.now)
	}
}

// holdParts has what is in the envelope live for as long as quiet hours hold it.
func holdParts(ctx context.Context, l *look, until time.Time) error {
	for _, part := range l.merged {
		_, expires := routing.Hold(part.kind, part.notification, part.delivery, until)
		own := part.delivery
		own.NextAttemptAt = &expires
		if _, err := l.a.Store.HoldDelivery(ctx, own, expires); err != nil {
			return err
		}
	}
	return nil
}

// composeDigest makes the message list all that is in the envelope, as the provider wants it.
func (c *call) composeDigest(message channels.Message) (channels.Message, error) {
	kind := c.route.Provider.Kind
	var parts []catalog.Part
	for i, each := range c.merged {
		parts = append(parts, work.PartOf(each.notification, each.kind))
		if i > 0 {
			message.Merged = append(message.Merged, mergedOf(each.notification))
		}
	}
	if len(parts) > 1 && pacing.Queue(*c.d.Envelope) {
		var err error
		message.Rendered, err = c.composeQueue(message)
		return message, err
	}
	digest := catalog.Digest{Link: catalog.ReaderOf(c.d).Inbox(), Unsubscribe: message.Unsubscribe, Reader: catalog.ReaderOf(c.d), Format: c.a.format(kind)}
	if sender, ok := c.a.Channels.Sender(kind); ok {
		limits := sender.Descriptor().Limits
		digest.ShortRunes, digest.BodyBytes = limits.TextRunes, limits.BodyBytes
	}
	var err error
	message.Rendered, err = c.a.Renderer.RenderDigest(parts, c.d.Delivery.Language, digest)
	return message, err
}

// mergedOf is the notification for formats that machines read.
func mergedOf(n models.Notification) channels.Merged {
	return channels.Merged{NotificationID: n.ID, Type: n.Type, Severity: n.Severity, Data: n.Variables}
}
