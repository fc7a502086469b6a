package delivering

import (
	"cmp"
	"context"
	"errors"
	"time"

	"belfry.dev/belfry/activities/bulkhead"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/models/text"
)

// call is the call to a provider that a look at a delivery leads to.
type call struct {
	*look
	route       models.Route
	destination string
}

// callOf is the call over the provider; a bot is its own destination, whoever writes to it.
func callOf(l *look, r models.Route) *call {
	c := &call{look: l, route: r, destination: models.ProviderDestination(r.Provider.ID)}
	if l.d.Bot != nil {
		c.destination = models.BotDestination(l.d.Bot.ID)
	}
	return c
}

// make sends over the provider and records the outcome.
func (c *call) make(ctx context.Context) (Result, bool, error) {
	admission, place := c.a.bulkhead.Enter(c.destination, c.in.Quick)
	switch admission {
	case bulkhead.Full:
		return c.busy(place), true, nil
	case bulkhead.TooSlow:
		return Result{}, true, nil // at once, by a caller that has time
	case bulkhead.Admitted:
	}
	defer func() { c.a.bulkhead.Leave(c.destination, c.took) }()
	s, err := enter(ctx, c.look, c.route)
	if err != nil || s.again {
		return Result{}, false, err
	}
	if s.waits != nil {
		return *s.waits, true, nil
	}
	var failure *channels.Error
	defer func() { answer(ctx, c.look, s, failure) }()
	message, err := c.compose()
	if err != nil {
		c.a.Logger.Error("cannot render delivery", "delivery_id", c.in.DeliveryID, "type", c.kind.Key, "error", err)
		return c.settle(ctx, schedule.Verdict{State: models.DeliveryFailed, Reason: models.ReasonRender})
	}
	attempt := models.Attempt{
		AccountID: c.in.AccountID, DeliveryID: c.in.DeliveryID, Number: c.d.Delivery.Attempts + 1,
		ProviderID: c.route.Provider.ID, Provider: c.route.Provider.Name, StartedAt: c.now,
	}
	begun, err := c.begin(ctx, attempt, s)
	if err != nil || !begun {
		return Result{}, false, err
	}
	c.d.Delivery.Attempts = attempt.Number
	message.Attempt, message.ReceiptURL = attempt.Number, c.a.Links.Receipt(attempt)
	started := time.Now() // how long it takes, not when: the process's own clock
	var receipt channels.Receipt
	receipt, failure = c.send(ctx, message)
	c.took = time.Since(started)
	return c.conclude(ctx, attempt, receipt, failure)
}

// begin records the attempt and asks the destination's state once more, last of all: where
// many were admitted at once, the first who are told to stop stop the others, in this
// process and in others. It returns false when the call must not be made; nothing is
// recorded then.
func (c *call) begin(ctx context.Context, attempt models.Attempt, s slot) (bool, error) {
	seen := c.a.bulkhead.Closings(c.destination)
	begun, err := c.a.Store.BeginAttempt(ctx, attempt, c.d.Delivery.NotificationID, c.mergedIDs()...)
	if err != nil || !begun {
		return false, err
	}
	open, err := c.a.Store.DestinationOpen(ctx, c.destination)
	if err == nil && open && !s.late(c.a.Now()) && !c.a.bulkhead.ClosedSince(c.destination, seen) {
		return true, nil
	}
	return false, errors.Join(err, c.withdraw(ctx, attempt))
}

// withdraw takes the attempt back, also when the activity is being stopped: an attempt
// without an outcome would count as one that may have reached somebody.
func (c *call) withdraw(ctx context.Context, attempt models.Attempt) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	before := []models.Delivery{c.d.Delivery}
	for _, each := range c.merged {
		before = append(before, each.delivery)
	}
	return c.a.Store.WithdrawAttempt(ctx, attempt, c.d.Delivery.NotificationID, before...)
}

// conclude records the outcome and what follows from it. It returns false when
// another provider may try at once.
func (c *call) conclude(ctx context.Context, attempt models.Attempt, receipt channels.Receipt, failure *channels.Error) (Result, bool, error) {
	c.now = c.a.Now()
	if failure == nil {
		attempt.Outcome, attempt.ProviderRef, attempt.Parts = string(receipt.Class), text.HeadBytes(receipt.Ref, maxRef), receipt.Parts
		attempt.ProviderCode, attempt.ProviderMessage = text.HeadBytes(receipt.Code, maxCode), text.HeadBytes(receipt.Message, maxMessage)
		end := models.AttemptEnd{Attempt: attempt, Delivery: c.next(schedule.Verdict{State: cmp.Or(receipt.State, models.DeliveryDelivered)}), Moved: receipt.Moved}
		end.Destination, end.Provider = c.success(), c.provider(true)
		result, err := c.finish(ctx, end)
		return result, true, err
	}
	attempt.Outcome, attempt.Reason = string(failure.Class), text.HeadBytes(failure.Reason, maxCode)
	attempt.ProviderCode, attempt.ProviderMessage = text.HeadBytes(failure.Code, maxCode), text.HeadBytes(failure.Message, maxMessage)
	c.d.Attempts = append(c.d.Attempts, attempt)
	end := models.AttemptEnd{Attempt: attempt, Delivery: c.next(c.verdict(attempt, failure.Wait))}
	end.Destination, end.Provider = c.effect(ctx, end, failure), c.provider(false)
	if end.Destination.PausedUntil != nil || end.Destination.SuspendFor != "" {
		defer c.a.bulkhead.Close(c.destination)()
	}
	end.Bounced = c.d.Bot == nil && failure.Class == channels.Permanent && failure.Reason == models.ReasonRecipientInvalid
	if end.Bounced {
		end.Notice = c.bounceNotice(ctx)
		end.Heirs = c.heirsElsewhere(ctx)
	}
	another := c.failOver(end)
	if another {
		end.Delivery = c.next(schedule.Verdict{State: models.DeliveryPending, Reason: failure.Reason, NextAt: c.now})
	}
	result, err := c.finish(ctx, end)
	return result, !another || result.Done || !c.hasTime(ctx), err
}

// failOver reports whether another provider takes over in this round. Bots have
// one address, whoever writes to it.
func (c *call) failOver(end models.AttemptEnd) bool {
	if c.d.Bot != nil || !routing.CanFailOver(end.Attempt.Outcome) || end.Delivery.Reason == models.ReasonUnknownCode && end.Delivery.State.Final() {
		return false
	}
	for i := range c.d.Routes {
		if c.d.Routes[i].Provider.ID == c.route.Provider.ID {
			c.d.Routes[i].State = after(c.d.Routes[i].State, end.Destination, c.now)
		}
	}
	choice := c.choice()
	if choice.Index < 0 {
		return false
	}
	next := c.d.Routes[choice.Index].Provider.ID
	return next != c.route.Provider.ID && routing.Failures(c.d.Attempts, next) < max(routing.Rounds(c.d.Attempts), 1)
}

// hasTime reports whether another call fits into the activity's time.
func (c *call) hasTime(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > c.a.Config.AttemptTimeout
}

// Widths of what is kept of a provider's words, in bytes. Adapters promise them; a
// broken promise must not keep an outcome from being recorded.
const (
	maxCode    = 64
	maxMessage = 1024
	maxRef     = 255
)
