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
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
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

// maxLooks bounds how often one activity goes back to choosing a provider.
const maxLooks = 8

// Attempt brings the delivery one step further: a call to a provider (to several
// when one after the other fails and may be replaced), or the reason to wait or
// to stop. What it did is recorded before it returns; running it again continues
// from the record, and an attempt that another worker left behind becomes
// unknown.
func (a *Delivering) Attempt(ctx context.Context, in Input) (result Result, err error) {
	defer a.Catch("deliver", in.DeliveryID, &err)
	for range maxLooks {
		d, err := a.Store.Dispatch(ctx, in.AccountID, in.DeliveryID)
		if err != nil {
			return Result{}, a.Fault("read delivery", in.DeliveryID, err)
		}
		kind, err := a.Store.MessageTypeVersion(ctx, d.Notification.Type, d.Notification.TypeVersion)
		if err != nil {
			return Result{}, a.Fault("read message type", in.DeliveryID, err)
		}
		l := &look{a: a, in: in, d: d, kind: kind, now: a.Now()}
		if err := l.gather(ctx); err != nil {
			return Result{}, a.Fault("read merged message types", in.DeliveryID, err)
		}
		result, done, err := l.take(ctx)
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

// look is one look at a delivery.
type look struct {
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
func (l *look) take(ctx context.Context) (Result, bool, error) {
	delivery, n := l.d.Delivery, l.d.Notification
	if delivery.State.Final() {
		return Result{Done: true, Status: n.Status}, true, nil
	}
	if last, open := underWay(l.d.Attempts); open {
		return l.resolve(ctx, last)
	}
	if n.CancelledAt != nil {
		return l.settle(ctx, schedule.Verdict{State: models.DeliveryCancelled, Reason: models.ReasonCancelled})
	}
	if reason := l.obstacle(); reason != "" {
		return l.lose(ctx, reason)
	}
	if !l.now.Before(n.ExpiresAt) {
		return l.settle(ctx, schedule.Expire(delivery.Attempts, delivery.Reason))
	}
	waits := delivery.Reason != models.ReasonSuspended && delivery.NextAttemptAt != nil
	if waits && delivery.NextAttemptAt.After(l.now) {
		return l.waiting(delivery), true, nil
	}
	return l.choose(ctx)
}

// underWay returns the newest attempt if it has no outcome.
func underWay(attempts []models.Attempt) (models.Attempt, bool) {
	if len(attempts) == 0 {
		return models.Attempt{}, false
	}
	last := attempts[len(attempts)-1]
	return last, last.Outcome == ""
}

// resolve waits for the worker that is at it, or records that nobody can tell
// any more what became of the call.
func (l *look) resolve(ctx context.Context, last models.Attempt) (Result, bool, error) {
	_, after := bounds(l)
	if dead := last.StartedAt.Add(after); dead.After(l.now) {
		return l.lookAt(dead), true, nil
	}
	last.Outcome, last.Reason = models.OutcomeUnknown, models.ReasonUnknown
	l.d.Attempts[len(l.d.Attempts)-1] = last
	result, err := l.finish(ctx, models.AttemptEnd{Attempt: last, Delivery: l.next(l.verdict(last, 0))})
	return result, true, err
}

// choose takes a provider, or waits until one may be used.
func (l *look) choose(ctx context.Context) (Result, bool, error) {
	choice := l.choice()
	switch {
	case choice.Suspended:
		return l.waitForRepair(ctx)
	case choice.Index < 0:
		return l.waitForPause(ctx, choice.Until)
	}
	if until, quiet := l.quiet(); quiet {
		return l.hold(ctx, until)
	}
	return callOf(l, l.d.Routes[choice.Index]).make(ctx)
}

// choice applies the state of the bot, if it goes to one, and of the providers.
func (l *look) choice() routing.Choice {
	if bot := l.d.BotState; l.d.Bot != nil {
		if bot.SuspendedAt != nil || l.d.Unreadable {
			return routing.Choice{Index: -1, Suspended: true}
		}
		if bot.PausedUntil != nil && bot.PausedUntil.After(l.now) {
			return routing.Choice{Index: -1, Until: *bot.PausedUntil}
		}
	}
	candidates := make([]routing.Candidate, 0, len(l.d.Routes))
	for _, r := range l.d.Routes {
		candidates = append(candidates, routing.Candidate{ProviderID: r.Provider.ID, State: r.State})
	}
	return routing.Choose(candidates, l.d.Attempts, l.now)
}

// waitForRepair leaves the delivery open without a time: repairing the
// destination wakes it. The workflow looks again now and then all the same.
func (l *look) waitForRepair(ctx context.Context) (Result, bool, error) {
	d := l.d.Delivery
	if d.Reason != models.ReasonSuspended || d.NextAttemptAt != nil && !d.StandsForEnvelope() {
		return l.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonSuspended})
	}
	return l.lookAt(l.repairCheck()), true, nil
}

func (l *look) repairCheck() time.Time {
	since := l.d.Delivery.CreatedAt
	if l.d.BotState.SuspendedAt != nil {
		since = *l.d.BotState.SuspendedAt
	}
	for _, r := range l.d.Routes {
		if r.State.SuspendedAt != nil && r.State.SuspendedAt.After(since) {
			since = *r.State.SuspendedAt
		}
	}
	return schedule.Check(l.now, since, l.d.Notification.ExpiresAt, l.a.Config.SuspendedFirst, l.a.Config.SuspendedMost)
}

// waitForPause waits until the destination may be used again, spread a little so
// that not everything comes at the same instant.
func (l *look) waitForPause(ctx context.Context, until time.Time) (Result, bool, error) {
	retry := l.a.Config.RetryOf(l.d.Delivery.Channel)
	next := l.now.Add(retry.Spread(until.Sub(l.now), l.d.Delivery.Key(), l.d.Delivery.Attempts))
	if next.After(l.d.Notification.ExpiresAt) {
		next = l.d.Notification.ExpiresAt
	}
	return l.settle(ctx, schedule.Verdict{State: models.DeliveryPending, Reason: models.ReasonRateLimited, NextAt: next})
}

// next is the delivery as the verdict leaves it.
func (l *look) next(v schedule.Verdict) models.Delivery {
	d := l.d.Delivery
	d.State, d.Reason, d.NextAttemptAt = v.State, v.Reason, nil
	if !v.NextAt.IsZero() {
		at := v.NextAt
		d.NextAttemptAt = &at
	}
	return d
}

// settle records a verdict without an attempt.
func (l *look) settle(ctx context.Context, v schedule.Verdict) (Result, bool, error) {
	return l.replace(ctx, v, models.Heirs{})
}

// replace is settle, and says who may take the place of what it ends.
func (l *look) replace(ctx context.Context, v schedule.Verdict, heirs models.Heirs) (Result, bool, error) {
	next := l.next(v)
	if next.StandsForEnvelope() && !next.State.Final() && next.NextAttemptAt == nil { // it has an instant until its end
		at := l.repairCheck()
		next.NextAttemptAt = &at
	}
	p, err := l.a.Store.SettleDelivery(ctx, next, heirs)
	if err != nil {
		return Result{}, true, err
	}
	l.count(p, next)
	return l.result(p), true, nil
}

// count counts the delivery if what was recorded ended it, and those that it ended with it.
func (l *look) count(p models.Progress, d models.Delivery) {
	for _, each := range p.Ended {
		l.a.Meter.Ended(l.d.Notification, each, l.now)
	}
	switch over := len(p.Pending) == 0 && d.State.Final(); {
	case over && d.StandsForEnvelope():
		countParts(l, d)
	case over:
		l.a.Meter.Ended(l.d.Notification, d, l.now)
	}
}

// result tells the workflow what was recorded.
func (l *look) result(p models.Progress) Result {
	if len(p.Pending) == 0 {
		return Result{Done: true, Status: p.Status}
	}
	return l.waiting(p.Pending[0])
}

// waiting tells when the open delivery goes on.
func (l *look) waiting(d models.Delivery) Result {
	if d.NextAttemptAt == nil {
		return l.lookAt(l.repairCheck())
	}
	next := l.lookAt(*d.NextAttemptAt)
	next.Quick = next.Quick && (d.Reason == models.ReasonRateLimited || d.Reason == models.ReasonQueued)
	return next
}

// lookAt is the result of a delivery that waits for others. Looking again is cheap
// and may be a local activity; after a failure of its own it is a normal one.
func (l *look) lookAt(at time.Time) Result {
	return Result{NextAt: at, Quick: true}
}

// busy comes back later, not before its place in the line; the waits double and differ between
// deliveries.
func (l *look) busy(place time.Duration) Result {
	wait := max(min(l.a.Config.BusyWait<<min(l.in.Waits, 10), config.BusyMost), place)
	spread := schedule.Retry{Jitter: 1}.Spread(wait, l.d.Delivery.ID, l.in.Waits)
	result := l.lookAt(l.now.Add(spread))
	result.Busy = true
	return result
}

// verdict is what the failed attempt, the newest of the delivery, leads to.
func (l *look) verdict(attempt models.Attempt, wait time.Duration) schedule.Verdict {
	v := l.a.Config.RetryOf(l.d.Delivery.Channel).After(schedule.Failure{
		Outcome: attempt.Outcome, Reason: attempt.Reason, Wait: wait,
		At: l.now, Deadline: l.d.Notification.ExpiresAt,
		Rounds:     routing.Rounds(l.d.Attempts),
		Limits:     routing.Limits(l.d.Attempts),
		Repeatable: repeatable(l.a.Channels.Descriptors(), l.d.Delivery.Channel) && !l.kind.AtMostOnce && (!metered(l) || pacing.Uncertain(l.d.Attempts) < 2),
		Key:        l.d.Delivery.Key(),
	})
	if v.Reason == models.ReasonSuspended {
		v.NextAt = time.Time{} // nobody knows when it will be repaired
	}
	return v
}

// finish records the end of an attempt, also when the activity is being stopped,
// and a few times if need be: what is not recorded becomes unknown.
func (l *look) finish(ctx context.Context, end models.AttemptEnd) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	wait := recordWait
	for {
		p, err := l.a.Store.FinishAttempt(ctx, end)
		if err == nil {
			l.a.Meter.Attempted(end.Delivery.Channel, end.Attempt.Outcome, end.Attempt.Reason, l.took)
			l.count(p, end.Delivery)
			return l.result(p), nil
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

// recordTimeout bounds the recording of an outcome, recordWait is the wait before
// the first repetition; it grows.
const (
	recordTimeout = 2 * time.Second
	recordWait    = 50 * time.Millisecond
)
