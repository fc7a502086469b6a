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
func enter(ctx context.Context, t *turn, r models.Route) (slot, error) {
	sender, target, err := t.a.Channels.Route(r.Provider, r.Secrets, t.d.Bot, t.d.BotSecrets)
	if err != nil || t.d.Bot == nil {
		return slot{}, nil //nolint:nilerr // the call says what is wrong
	}
	rate, credential := queue.Of(sender.Descriptor(), target)
	if !rate.Limited() {
		return slot{}, nil
	}
	queues := pacing.Queues(t.d, t.kind)
	if queues {
		waiting, err := t.a.Store.QueueWaits(ctx, t.in.AccountID, pacing.QueueName(t.d.Delivery))
		if err != nil {
			return slot{}, err
		}
		if waiting {
			return join(ctx, t, t.now.Add(pacing.Startable))
		}
	}
	ticket, until, err := t.a.Store.TakeSlot(ctx, credential, rate, critical(t))
	switch {
	case err != nil:
		return slot{}, err
	case until.IsZero():
		return leaveQueue(ctx, t, slot{rate: rate, ticket: ticket}, sender, target)
	case queues:
		return join(ctx, t, until)
	}
	return stay(ctx, t, until)
}

func critical(t *turn) bool {
	return t.d.Notification.Severity == models.SeverityCritical ||
		slices.ContainsFunc(t.merged, func(m mergedPart) bool { return m.notification.Severity == models.SeverityCritical })
}

// join has the delivery wait in the queue, whose workflow looks at once when it is critical.
func join(ctx context.Context, t *turn, until time.Time) (slot, error) {
	if critical(t) {
		until = t.now
	}
	d := t.d.Delivery
	err := t.a.Store.Queue(ctx, d, models.Gathering{Gathers: pacing.QueueName(d), ClosesAt: until})
	return slot{waits: &Result{Done: true, Status: t.d.Notification.Status}}, err
}

// worth is how far the estimate of a queue may be off before it is written down again.
const worth = 3 * time.Second

// stay waits for the next look. It is recorded when that says something new.
func stay(ctx context.Context, t *turn, until time.Time) (slot, error) {
	d := t.d.Delivery
	if d.Reason == models.ReasonQueued && d.NextAttemptAt != nil && until.Sub(*d.NextAttemptAt).Abs() < worth {
		look := t.lookAt(until)
		return slot{waits: &look}, nil
	}
	result, _, err := t.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonQueued, NextAt: until})
	return slot{waits: &result}, err
}

// leaveQueue closes the queue that got the slot, with what fits into one message; the rest
// waits in the next one.
func leaveQueue(ctx context.Context, t *turn, s slot, sender channels.Sender, target channels.Target) (slot, error) {
	e := t.d.Envelope
	if e == nil || !pacing.Queue(*e) || e.State != models.EnvelopeOpen {
		return s, nil
	}
	n := len(t.merged)
	if n > 1 {
		var err error
		if _, n, err = queued(t, sender, target, channels.Message{Key: t.d.Delivery.Key()}); err != nil {
			answer(ctx, t, s, nil)
			return s, err
		}
	}
	t.merged = t.merged[:n]
	closed, err := t.a.Store.SendQueue(ctx, *e, t.mergedIDs())
	if err != nil || !closed {
		s.again = true
		answer(ctx, t, s, nil)
		return s, err
	}
	return s, nil
}

// answer gives the slot back. What is not recorded is free again by itself, later.
func answer(ctx context.Context, t *turn, s slot, failure *channels.Error) {
	if !s.rate.Limited() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	var err error
	if failure == nil || failure.Class != channels.RateLimited {
		err = t.a.Store.AnswerSlot(ctx, s.ticket)
	} else {
		wait := failure.Wait
		if wait <= 0 {
			wait = t.a.Config.RetryOf(t.d.Delivery.Channel).DefaultWait
		}
		err = t.a.Store.RefuseSlot(ctx, s.ticket, s.rate, min(wait, t.a.Config.PauseCap))
	}
	if err != nil {
		t.a.Logger.Warn("cannot give a slot back", "delivery_id", t.in.DeliveryID, "error", err)
	}
}

// queued is the message of what waited, and how many it tells of.
func queued(t *turn, sender channels.Sender, target channels.Target, message channels.Message) (models.Rendered, int, error) {
	locale, zone := t.d.Delivery.Language, schedule.Zone(t.d.Account.TimeZone)
	var parts []catalog.Part
	items := make([]queue.Item, len(t.merged))
	for i, each := range t.merged {
		part := work.PartOf(each.notification, each.kind)
		part.Input.Format = document.Chat
		alone, err := t.a.Renderer.Render(part.Type, locale, part.Input)
		if err != nil {
			return alone, 0, err
		}
		items[i] = queue.Item{Alone: alone, Severity: each.notification.Severity, At: each.notification.CreatedAt.In(zone)}
		parts = append(parts, part)
	}
	base, err := t.a.Renderer.RenderDigest(parts, locale, catalog.Digest{Link: catalog.ReaderOf(t.d).Inbox(), Format: document.Chat})
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
func composeQueue(t *turn, r models.Route, message channels.Message) (models.Rendered, error) {
	sender, target, err := t.a.Channels.Route(r.Provider, r.Secrets, t.d.Bot, t.d.BotSecrets)
	if err != nil {
		return models.Rendered{}, err
	}
	rendered, _, err := queued(t, sender, target, message)
	return rendered, err
}

// bounds are how long one call may take, and when one without an outcome counts as abandoned.
func bounds(t *turn) (call, dead time.Duration) {
	if metered(t) {
		return min(t.a.Config.AttemptTimeout, pacing.Lost-pacing.Startable), min(t.a.Config.DeadAfter, pacing.Lost)
	}
	return t.a.Config.AttemptTimeout, t.a.Config.DeadAfter
}

// metered reports whether the delivery's channel has a pace: its platform cannot tell a message
// that comes twice.
func metered(t *turn) bool {
	return slices.ContainsFunc(t.a.Channels.Descriptors(), func(d channels.Descriptor) bool {
		return d.Channel == t.d.Delivery.Channel && d.Rate.Limited()
	})
}
