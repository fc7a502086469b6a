// Package delivering brings a delivery, or an envelope, one step further: a call to a provider,
// or the reason to wait or to stop.
package delivering

import (
	"context"
	"time"

	"belfry.dev/belfry/activities/bulkhead"
	"belfry.dev/belfry/activities/config"
	"belfry.dev/belfry/activities/queue"
	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/models/text"
)

// Store is what delivering needs of the database.
type Store interface {
	Dispatch(ctx context.Context, account models.AccountID, deliveryID string) (models.Dispatch, error)
	DispatchEnvelope(ctx context.Context, account models.AccountID, id string, now time.Time) (models.Dispatch, error)
	CloseEnvelope(ctx context.Context, e models.Envelope, in []models.Part, limits map[string][]models.Quota) ([]models.Part, error)
	BeginAttempt(ctx context.Context, a models.Attempt, notification string, merged ...string) (bool, error)
	DestinationOpen(ctx context.Context, destination string) (bool, error)
	WithdrawAttempt(ctx context.Context, a models.Attempt, notification string, before ...models.Delivery) error
	FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error)
	SettleDelivery(ctx context.Context, d models.Delivery, heirs models.Heirs) (models.Progress, error)
	HoldDelivery(ctx context.Context, d models.Delivery, expires time.Time) (models.Progress, error)
	MessageTypeVersion(ctx context.Context, key string, version int64) (models.MessageType, error)
	NotificationTargets(ctx context.Context, account models.AccountID, typeKey string) (models.Targets, error)
	queue.Slots
}

// Delivering makes attempts.
type Delivering struct {
	*work.Work
	Store    Store
	bulkhead *bulkhead.Bulkhead
}

// New has called nobody yet.
func New(w *work.Work, s Store) *Delivering {
	return &Delivering{Work: w, Store: s, bulkhead: bulkhead.New(w.Config.Concurrency, w.Config.SlowAfter)}
}

// Input names the delivery to try.
type Input struct {
	AccountID  models.AccountID `json:"account_id"`
	DeliveryID string           `json:"delivery_id"`
	// Quick asks to come back at once rather than to wait for a slow destination.
	Quick bool `json:"quick,omitempty"`
	// Waits counts how often in a row the destination was busy.
	Waits int `json:"waits,omitempty"`
}

// Result is what follows.
type Result struct {
	// Done says that the delivery is final.
	Done bool `json:"done,omitempty"`
	// Status is the notification's, when the delivery is done.
	Status models.NotificationStatus `json:"status,omitempty"`
	// NextAt is when to look at it again when it is not done; zero is at once.
	NextAt time.Time `json:"next_at,omitzero"`
	// Wait is how long that is from now: the engine's clock may differ from the
	// one that NextAt is of.
	Wait time.Duration `json:"wait,omitzero"`
	// Quick says that the next look may be a local activity.
	Quick bool `json:"quick,omitempty"`
	// Busy says that nothing was tried because all calls were taken.
	Busy bool `json:"busy,omitempty"`
}

// maxTurns bounds how often one activity goes back to choosing a provider.
const maxTurns = 8

// Attempt brings the delivery one step further: a call to a provider (to several
// when one after the other fails and may be replaced), or the reason to wait or
// to stop. What it did is recorded before it returns; running it again continues
// from the record, and an attempt that another worker left behind becomes
// unknown.
func (a *Delivering) Attempt(ctx context.Context, in Input) (result Result, err error) {
	defer a.Catch("deliver", in.DeliveryID, &err)
	for range maxTurns {
		d, err := a.Store.Dispatch(ctx, in.AccountID, in.DeliveryID)
		if err != nil {
			return Result{}, a.Fault("read delivery", in.DeliveryID, err)
		}
		kind, err := a.Store.MessageTypeVersion(ctx, d.Notification.Type, d.Notification.TypeVersion)
		if err != nil {
			return Result{}, a.Fault("read message type", in.DeliveryID, err)
		}
		t := &turn{a: a, in: in, d: d, kind: kind, now: a.Now()}
		if err := t.gather(ctx); err != nil {
			return Result{}, a.Fault("read merged message types", in.DeliveryID, err)
		}
		result, done, err := t.take(ctx)
		if err != nil {
			return Result{}, a.Fault("deliver", in.DeliveryID, err)
		}
		if done {
			result.NextAt, result.Wait = a.Ahead(result.NextAt)
			return result, nil
		}
	}
	return Result{}, nil
}

// turn is one look at a delivery.
type turn struct {
	a    *Delivering
	in   Input
	d    models.Dispatch
	kind models.MessageType
	// merged are the other notifications that the message tells of.
	merged []mergedPart
	now    time.Time
	// took is how long the call to the provider lasted; 0 before it.
	took time.Duration
}

// take does the first thing that applies, in the order of urgency. It returns
// false when the delivery must be looked at again at once.
func (t *turn) take(ctx context.Context) (Result, bool, error) {
	delivery, n := t.d.Delivery, t.d.Notification
	if delivery.State.Final() {
		return Result{Done: true, Status: n.Status}, true, nil
	}
	if last, open := t.underWay(); open {
		return t.resolve(ctx, last)
	}
	if n.CancelledAt != nil {
		return t.settle(ctx, schedule.Verdict{State: models.DeliveryCancelled, Reason: models.ReasonCancelled})
	}
	if reason := t.obstacle(); reason != "" {
		return t.lose(ctx, reason)
	}
	if !t.now.Before(n.ExpiresAt) {
		return t.settle(ctx, schedule.Expire(delivery.Attempts, delivery.Reason))
	}
	waits := delivery.Reason != models.ReasonSuspended && delivery.NextAttemptAt != nil
	if waits && delivery.NextAttemptAt.After(t.now) {
		return t.waiting(delivery), true, nil
	}
	return t.choose(ctx)
}

// underWay returns the newest attempt if it has no outcome.
func (t *turn) underWay() (models.Attempt, bool) {
	if len(t.d.Attempts) == 0 {
		return models.Attempt{}, false
	}
	last := t.d.Attempts[len(t.d.Attempts)-1]
	return last, last.Outcome == ""
}

// resolve waits for the worker that is at it, or records that nobody can tell
// any more what became of the call.
func (t *turn) resolve(ctx context.Context, last models.Attempt) (Result, bool, error) {
	_, after := bounds(t)
	if dead := last.StartedAt.Add(after); dead.After(t.now) {
		return t.lookAt(dead), true, nil
	}
	last.Outcome, last.Reason = models.OutcomeUnknown, models.ReasonUnknown
	t.d.Attempts[len(t.d.Attempts)-1] = last
	result, err := t.finish(ctx, models.AttemptEnd{Attempt: last, Delivery: t.next(t.verdict(last, 0))})
	return result, true, err
}

// choose takes a provider, or waits until one may be used.
func (t *turn) choose(ctx context.Context) (Result, bool, error) {
	choice := t.choice()
	switch {
	case choice.Suspended:
		return t.waitForRepair(ctx)
	case choice.Index < 0:
		return t.waitForPause(ctx, choice.Until)
	}
	if until, quiet := t.quiet(); quiet {
		return t.hold(ctx, until)
	}
	return t.call(ctx, t.d.Routes[choice.Index])
}

// choice applies the state of the bot, if it goes to one, and of the providers.
func (t *turn) choice() routing.Choice {
	if bot := t.d.BotState; t.d.Bot != nil {
		if bot.SuspendedAt != nil || t.d.Unreadable {
			return routing.Choice{Index: -1, Suspended: true}
		}
		if bot.PausedUntil != nil && bot.PausedUntil.After(t.now) {
			return routing.Choice{Index: -1, Until: *bot.PausedUntil}
		}
	}
	candidates := make([]routing.Candidate, 0, len(t.d.Routes))
	for _, r := range t.d.Routes {
		candidates = append(candidates, routing.Candidate{ProviderID: r.Provider.ID, State: r.State})
	}
	return routing.Choose(candidates, t.d.Attempts, t.now)
}

// waitForRepair leaves the delivery open without a time: repairing the
// destination wakes it. The workflow looks again now and then all the same.
func (t *turn) waitForRepair(ctx context.Context) (Result, bool, error) {
	d := t.d.Delivery
	if d.Reason != models.ReasonSuspended || d.NextAttemptAt != nil && !d.StandsForEnvelope() {
		return t.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonSuspended})
	}
	return t.lookAt(t.repairCheck()), true, nil
}

func (t *turn) repairCheck() time.Time {
	since := t.d.Delivery.CreatedAt
	if t.d.BotState.SuspendedAt != nil {
		since = *t.d.BotState.SuspendedAt
	}
	for _, r := range t.d.Routes {
		if r.State.SuspendedAt != nil && r.State.SuspendedAt.After(since) {
			since = *r.State.SuspendedAt
		}
	}
	return schedule.Check(t.now, since, t.d.Notification.ExpiresAt, t.a.Config.SuspendedFirst, t.a.Config.SuspendedMost)
}

// waitForPause waits until the destination may be used again, spread a little so
// that not everything comes at the same instant.
func (t *turn) waitForPause(ctx context.Context, until time.Time) (Result, bool, error) {
	retry := t.a.Config.RetryOf(t.d.Delivery.Channel)
	next := t.now.Add(retry.Spread(until.Sub(t.now), t.d.Delivery.Key(), t.d.Delivery.Attempts))
	if next.After(t.d.Notification.ExpiresAt) {
		next = t.d.Notification.ExpiresAt
	}
	return t.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonRateLimited, NextAt: next})
}

// next is the delivery as the verdict leaves it.
func (t *turn) next(v schedule.Verdict) models.Delivery {
	d := t.d.Delivery
	d.State, d.Reason, d.NextAttemptAt = v.State, v.Reason, nil
	if !v.NextAt.IsZero() {
		at := v.NextAt
		d.NextAttemptAt = &at
	}
	return d
}

// settle records a verdict without an attempt.
func (t *turn) settle(ctx context.Context, v schedule.Verdict) (Result, bool, error) {
	return t.replace(ctx, v, models.Heirs{})
}

// replace is settle, and says who may take the place of what it ends.
func (t *turn) replace(ctx context.Context, v schedule.Verdict, heirs models.Heirs) (Result, bool, error) {
	next := t.next(v)
	if next.StandsForEnvelope() && !next.State.Final() && next.NextAttemptAt == nil { // it has an instant until its end
		at := t.repairCheck()
		next.NextAttemptAt = &at
	}
	p, err := t.a.Store.SettleDelivery(ctx, next, heirs)
	if err != nil {
		return Result{}, true, err
	}
	t.count(p, next)
	return t.result(p), true, nil
}

// count counts the delivery if what was recorded ended it, and those that it ended with it.
func (t *turn) count(p models.Progress, d models.Delivery) {
	for _, each := range p.Ended {
		t.a.Meter.Ended(t.d.Notification, each, t.now)
	}
	switch over := len(p.Pending) == 0 && d.State.Final(); {
	case over && d.StandsForEnvelope():
		countParts(t, d)
	case over:
		t.a.Meter.Ended(t.d.Notification, d, t.now)
	}
}

// result tells the workflow what was recorded.
func (t *turn) result(p models.Progress) Result {
	if len(p.Pending) == 0 {
		return Result{Done: true, Status: p.Status}
	}
	return t.waiting(p.Pending[0])
}

// waiting tells when the open delivery goes on.
func (t *turn) waiting(d models.Delivery) Result {
	if d.NextAttemptAt == nil {
		return t.lookAt(t.repairCheck())
	}
	next := t.lookAt(*d.NextAttemptAt)
	next.Quick = next.Quick && (d.Reason == models.ReasonRateLimited || d.Reason == models.ReasonQueued)
	return next
}

// lookAt is the result of a delivery that waits for others. Looking again is cheap
// and may be a local activity; after a failure of its own it is a normal one.
func (t *turn) lookAt(at time.Time) Result {
	return Result{NextAt: at, Quick: true}
}

// call sends over the provider and records the outcome.
func (t *turn) call(ctx context.Context, r models.Route) (Result, bool, error) {
	destination := t.destination(r)
	admission, turn := t.a.bulkhead.Enter(destination, t.in.Quick)
	switch admission {
	case bulkhead.Full:
		return t.busy(turn), true, nil
	case bulkhead.TooSlow:
		return Result{}, true, nil // at once, by a caller that has time
	case bulkhead.Admitted:
	}
	defer func() { t.a.bulkhead.Leave(destination, t.took) }()
	s, err := enter(ctx, t, r)
	if err != nil || s.again {
		return Result{}, false, err
	}
	if s.waits != nil {
		return *s.waits, true, nil
	}
	var failure *channels.Error
	defer func() { answer(ctx, t, s, failure) }()
	message, err := t.compose(r)
	if err != nil {
		t.a.Logger.Error("cannot render delivery", "delivery_id", t.in.DeliveryID, "type", t.kind.Key, "error", err)
		return t.settle(ctx, schedule.Verdict{State: models.DeliveryFailed, Reason: models.ReasonRender})
	}
	attempt := models.Attempt{
		AccountID: t.in.AccountID, DeliveryID: t.in.DeliveryID, Number: t.d.Delivery.Attempts + 1,
		ProviderID: r.Provider.ID, Provider: r.Provider.Name, StartedAt: t.now,
	}
	begun, err := t.begin(ctx, destination, attempt, s)
	if err != nil || !begun {
		return Result{}, false, err
	}
	t.d.Delivery.Attempts = attempt.Number
	message.Attempt = attempt.Number
	started := time.Now() // how long it takes, not when: the process's own clock
	var receipt channels.Receipt
	receipt, failure = t.send(ctx, r, message)
	t.took = time.Since(started)
	return t.conclude(ctx, r, attempt, receipt, failure)
}

func (t *turn) destination(r models.Route) string {
	if t.d.Bot != nil {
		return models.BotDestination(t.d.Bot.ID)
	}
	return models.ProviderDestination(r.Provider.ID)
}

// busy comes back later, not before the turn; the waits double and differ between
// deliveries.
func (t *turn) busy(turn time.Duration) Result {
	wait := max(min(t.a.Config.BusyWait<<min(t.in.Waits, 10), config.BusyMost), turn)
	spread := schedule.Retry{Jitter: 1}.Spread(wait, t.d.Delivery.ID, t.in.Waits)
	result := t.lookAt(t.now.Add(spread))
	result.Busy = true
	return result
}

// conclude records the outcome and what follows from it. It returns false when
// another provider may try at once.
func (t *turn) conclude(ctx context.Context, r models.Route, attempt models.Attempt, receipt channels.Receipt, failure *channels.Error) (Result, bool, error) {
	t.now = t.a.Now()
	if failure == nil {
		attempt.Outcome, attempt.ProviderRef, attempt.Parts = string(receipt.Class), text.HeadBytes(receipt.Ref, maxRef), receipt.Parts
		attempt.ProviderCode, attempt.ProviderMessage = text.HeadBytes(receipt.Code, maxCode), text.HeadBytes(receipt.Message, maxMessage)
		end := models.AttemptEnd{Attempt: attempt, Delivery: t.next(schedule.Verdict{State: models.DeliveryDelivered}), Moved: receipt.Moved}
		end.Destination, end.Provider = t.success(r), providerEffect(t, r, true)
		result, err := t.finish(ctx, end)
		return result, true, err
	}
	attempt.Outcome, attempt.Reason = string(failure.Class), text.HeadBytes(failure.Reason, maxCode)
	attempt.ProviderCode, attempt.ProviderMessage = text.HeadBytes(failure.Code, maxCode), text.HeadBytes(failure.Message, maxMessage)
	t.d.Attempts = append(t.d.Attempts, attempt)
	end := models.AttemptEnd{Attempt: attempt, Delivery: t.next(t.verdict(attempt, failure.Wait))}
	end.Destination, end.Provider = t.lesson(ctx, r, end, failure), providerEffect(t, r, false)
	if end.Destination.PausedUntil != nil || end.Destination.SuspendFor != "" {
		defer t.a.bulkhead.Close(t.destination(r))()
	}
	end.Bounced = t.d.Bot == nil && failure.Class == channels.Permanent && failure.Reason == models.ReasonRecipientInvalid
	if end.Bounced {
		end.Notice = t.bounceNotice(ctx)
		end.Heirs = t.heirsElsewhere(ctx)
	}
	another := t.failOver(r, end)
	if another {
		end.Delivery = t.next(schedule.Verdict{State: models.DeliveryPending, Reason: failure.Reason, NextAt: t.now})
	}
	result, err := t.finish(ctx, end)
	return result, !another || result.Done || !t.hasTime(ctx), err
}

// verdict is what the failed attempt, the newest of the delivery, leads to.
func (t *turn) verdict(attempt models.Attempt, wait time.Duration) schedule.Verdict {
	v := t.a.Config.RetryOf(t.d.Delivery.Channel).After(schedule.Failure{
		Outcome: attempt.Outcome, Reason: attempt.Reason, Wait: wait,
		At: t.now, Deadline: t.d.Notification.ExpiresAt,
		Rounds:     routing.Rounds(t.d.Attempts),
		Limits:     routing.Limits(t.d.Attempts),
		Repeatable: repeatable(t.a.Channels.Descriptors(), t.d.Delivery.Channel) && !t.kind.AtMostOnce && (!metered(t) || pacing.Uncertain(t.d.Attempts) < 2),
		Key:        t.d.Delivery.Key(),
	})
	if v.Reason == models.ReasonSuspended {
		v.NextAt = time.Time{} // nobody knows when it will be repaired
	}
	return v
}

// failOver reports whether another provider takes over in this round. Bots have
// one address, whoever writes to it.
func (t *turn) failOver(r models.Route, end models.AttemptEnd) bool {
	if t.d.Bot != nil || !routing.CanFailOver(end.Attempt.Outcome) || end.Delivery.Reason == models.ReasonUnknownCode && end.Delivery.State.Final() {
		return false
	}
	for i := range t.d.Routes {
		if t.d.Routes[i].Provider.ID == r.Provider.ID {
			t.d.Routes[i].State = after(t.d.Routes[i].State, end.Destination, t.now)
		}
	}
	choice := t.choice()
	if choice.Index < 0 {
		return false
	}
	next := t.d.Routes[choice.Index].Provider.ID
	return next != r.Provider.ID && routing.Failures(t.d.Attempts, next) < max(routing.Rounds(t.d.Attempts), 1)
}

// hasTime reports whether another call fits into the activity's time.
func (t *turn) hasTime(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > t.a.Config.AttemptTimeout
}

// finish records the end of an attempt, also when the activity is being stopped,
// and a few times if need be: what is not recorded becomes unknown.
func (t *turn) finish(ctx context.Context, end models.AttemptEnd) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	wait := recordWait
	for {
		p, err := t.a.Store.FinishAttempt(ctx, end)
		if err == nil {
			t.a.Meter.Attempted(end.Delivery.Channel, end.Attempt.Outcome, end.Attempt.Reason, t.took)
			t.count(p, end.Delivery)
			return t.result(p), nil
		}
		if models.CodeOf(err) != models.CodeUnavailable || !pause(ctx, wait) {
			return Result{}, err
		}
		wait *= 4
	}
}

// pause waits, and reports whether the context still lives.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Widths of what is kept of a provider's words, in bytes. Adapters promise them; a
// broken promise must not keep an outcome from being recorded.
const (
	maxCode    = 64
	maxMessage = 1024
	maxRef     = 255
)

// recordTimeout bounds the recording of an outcome, recordWait is the wait before
// the first repetition; it grows.
const (
	recordTimeout = 2 * time.Second
	recordWait    = 50 * time.Millisecond
)
