package delivering

import (
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/activities/queue"
	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/models/schedule"
)

// slot is the right to one call; the zero value is that to a destination without a pace.
type slot struct {
	rate   pacing.Rate
	ticket pacing.Ticket
	// waits is what follows when there is none yet; again says that it must be looked at anew.
	waits *Result
	again bool
}

// late reports whether too much time went by to begin the call.
func (s slot) late(now time.Time) bool {
	return s.rate.Limited() && now.Sub(s.ticket.TakenAt) > pacing.Startable
}

// enter asks for a slot. What gets none joins the queue of its bot, if it may leave with
// others; the queue takes what fits into one message.
func enter(ctx context.Context, l *look, r models.Route) (slot, error) {
	sender, target, err := l.a.Channels.Route(r.Provider, r.Secrets, l.d.Bot, l.d.BotSecrets)
	if err != nil || l.d.Bot == nil {
		return slot{}, nil //nolint:nilerr // the call says what is wrong
	}
	rate, credential := queue.Of(sender.Descriptor(), target)
	if !rate.Limited() {
		return slot{}, nil
	}
	queues := pacing.Queues(l.d, l.kind)
	if queues {
		waiting, err := l.a.Store.QueueWaits(ctx, l.in.AccountID, pacing.QueueName(l.d.Delivery))
		if err != nil {
			return slot{}, err
		}
		if waiting {
			return join(ctx, l, l.now.Add(pacing.Startable))
		}
	}
	ticket, until, err := l.a.Store.TakeSlot(ctx, credential, rate, critical(l))
	switch {
	case err != nil:
		return slot{}, err
	case until.IsZero():
		return leaveQueue(ctx, l, slot{rate: rate, ticket: ticket}, sender, target)
	case queues:
		return join(ctx, l, until)
	}
	return stay(ctx, l, until)
}

func critical(l *look) bool {
	return l.d.Notification.Severity == models.SeverityCritical ||
		slices.ContainsFunc(l.merged, func(m mergedPart) bool { return m.notification.Severity == models.SeverityCritical })
}

// join has the delivery wait in the queue, whose workflow looks at once when it is critical.
func join(ctx context.Context, l *look, until time.Time) (slot, error) {
	if critical(l) {
		until = l.now
	}
	d := l.d.Delivery
	err := l.a.Store.Queue(ctx, d, models.Gathering{Gathers: pacing.QueueName(d), ClosesAt: until})
	return slot{waits: &Result{Done: true, Status: l.d.Notification.Status}}, err
}

// worth is how far the estimate of a queue may be off before it is written down again.
const worth = 3 * time.Second

// stay waits for the next look. It is recorded when that says something new.
func stay(ctx context.Context, l *look, until time.Time) (slot, error) {
	d := l.d.Delivery
	if d.Reason == models.ReasonQueued && d.NextAttemptAt != nil && until.Sub(*d.NextAttemptAt).Abs() < worth {
		look := l.lookAt(until)
		return slot{waits: &look}, nil
	}
	result, _, err := l.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQueued, NextAt: until})
	return slot{waits: &result}, err
}

// leaveQueue closes the queue that got the slot, with what fits into one message; the rest
// waits in the next one.
func leaveQueue(ctx context.Context, l *look, s slot, sender channels.Sender, target channels.Target) (slot, error) {
	e := l.d.Envelope
	if e == nil || !pacing.Queue(*e) || e.State != models.EnvelopeOpen {
		return s, nil
	}
	n := len(l.merged)
	if n > 1 {
		var err error
		if _, n, err = queued(l, sender, target, channels.Message{Key: l.d.Delivery.Key()}); err != nil {
			answer(ctx, l, s, nil)
			return s, err
		}
	}
	l.merged = l.merged[:n]
	closed, err := l.a.Store.SendQueue(ctx, *e, l.mergedIDs())
	if err != nil || !closed {
		s.again = true
		answer(ctx, l, s, nil)
		return s, err
	}
	return s, nil
}

// answer gives the slot back. What is not recorded is free again by itself, later.
func answer(ctx context.Context, l *look, s slot, failure *channels.Error) {
	if !s.rate.Limited() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	var err error
	if failure == nil || failure.Class != channels.RateLimited {
		err = l.a.Store.AnswerSlot(ctx, s.ticket)
	} else {
		wait := failure.Wait
		if wait <= 0 {
			wait = l.a.Config.RetryOf(l.d.Delivery.Channel).DefaultWait
		}
		err = l.a.Store.RefuseSlot(ctx, s.ticket, s.rate, min(wait, l.a.Config.PauseCap))
	}
	if err != nil {
		l.a.Logger.Warn("cannot give a slot back", "delivery_id", l.in.DeliveryID, "error", err)
	}
}

// queued is the message of what waited, and how many it tells of.
func queued(l *look, sender channels.Sender, target channels.Target, message channels.Message) (models.Rendered, int, error) {
	locale, zone := l.d.Delivery.Language, schedule.Zone(l.d.Account.TimeZone)
	var parts []catalog.Part
	items := make([]queue.Item, len(l.merged))
	for i, each := range l.merged {
		part := work.PartOf(each.notification, each.kind)
		part.Input.Format = document.Chat
		alone, err := l.a.Renderer.Render(part.Type, locale, part.Input)
		if err != nil {
			return alone, 0, err
		}
		items[i] = queue.Item{Alone: alone, Severity: each.notification.Severity, At: each.notification.CreatedAt.In(zone)}
		parts = append(parts, part)
	}
	base, err := l.a.Renderer.RenderDigest(parts, locale, catalog.Digest{Link: catalog.ReaderOf(l.d).Inbox(), Format: document.Chat})
	if err != nil {
		return base, 0, err
	}
	m, n := queue.Message(base, items, func(r models.Rendered) bool {
		message.Rendered = r
		return queue.Whole(sender, target, message)
	})
	return m, n, nil
}

// composeQueue makes the message of a queue that was closed.
func (c *call) composeQueue(message channels.Message) (models.Rendered, error) {
	sender, target, err := c.a.Channels.Route(c.route.Provider, c.route.Secrets, c.d.Bot, c.d.BotSecrets)
	if err != nil {
		return models.Rendered{}, err
	}
	rendered, _, err := queued(c.look, sender, target, message)
	return rendered, err
}

// bounds are how long one call may take, and when one without an outcome counts as abandoned.
func bounds(l *look) (call, dead time.Duration) {
	if metered(l) {
		return min(l.a.Config.AttemptTimeout, pacing.Lost-pacing.Startable), min(l.a.Config.DeadAfter, pacing.Lost)
	}
	return l.a.Config.AttemptTimeout, l.a.Config.DeadAfter
}

// metered reports whether the delivery's channel has a pace: its platform cannot tell a message
// that comes twice.
func metered(l *look) bool {
	return slices.ContainsFunc(l.a.Channels.Descriptors(), func(d channels.Descriptor) bool {
		return d.Channel == l.d.Delivery.Channel && d.Rate.Limited()
	})
}
