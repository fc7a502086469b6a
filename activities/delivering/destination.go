package delivering

import (
	"context"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// successEvery is how often a destination's last success is written down: it is
// one row for all deliveries to it.
const successEvery = time.Minute

// state returns what was known of the destination before the attempt.
func (t *turn) state(r models.Route) models.DestinationState {
	if t.d.Bot != nil {
		return t.d.BotState
	}
	return r.State
}

// owned is an effect on the destination, without a change yet.
func (t *turn) owned(r models.Route) models.DestinationEffect {
	e := models.DestinationEffect{Destination: t.destination(r), AccountID: models.Platform}
	if t.d.Bot != nil {
		e.AccountID = t.d.Bot.AccountID
	}
	return e
}

// success is written only when it says something new.
func (t *turn) success(r models.Route) models.DestinationEffect {
	s := t.state(r)
	if s.Failures == 0 && s.LastSuccessAt != nil && t.now.Sub(*s.LastSuccessAt) < successEvery {
		return models.DestinationEffect{}
	}
	e := t.owned(r)
	e.Succeeded = true
	return e
}

// answered notes that the provider is used although the attempt failed for a reason that is
// not its own; it is written only when that says something new.
func answered(r models.Route, now time.Time) models.DestinationEffect {
	if last := r.State.LastFailureAt; last != nil && now.Sub(*last) < successEvery {
		return models.DestinationEffect{}
	}
	return models.DestinationEffect{Destination: models.ProviderDestination(r.Provider.ID), AccountID: models.Platform, Used: true}
}

// providerEffect is what an attempt at a bot says about the provider of its channel: that it is
// used. Whether bots answer is their owners' business.
func providerEffect(t *turn, r models.Route, succeeded bool) models.DestinationEffect {
	switch {
	case t.d.Bot == nil:
		return models.DestinationEffect{}
	case !succeeded:
		return answered(r, t.now)
	}
	last := r.State.LastSuccessAt
	if last != nil && t.now.Sub(*last) < successEvery {
		return models.DestinationEffect{}
	}
	return models.DestinationEffect{Destination: models.ProviderDestination(r.Provider.ID), AccountID: models.Platform, Succeeded: true}
}

// lesson is what the failure teaches about the destination: a pause, a
// suspension, or one failure more. What was wrong with the message or the
// recipient says nothing about a provider.
func (t *turn) lesson(ctx context.Context, r models.Route, end models.AttemptEnd, failure *channels.Error) models.DestinationEffect {
	e := t.owned(r)
	switch failure.Class {
	case channels.RateLimited:
		wait := failure.Wait
		if wait <= 0 {
			wait = t.a.Config.RetryOf(t.d.Delivery.Channel).DefaultWait
		}
		until := t.now.Add(min(wait, t.a.Config.PauseCap))
		e.PausedUntil = &until
	case channels.Misconfigured:
		e.SuspendFor = failure.Reason
	case channels.Permanent:
		if t.d.Bot == nil {
			return answered(r, t.now)
		}
	case channels.Retry, channels.Ambiguous, channels.Unknown, channels.Delivered, channels.Accepted:
	}
	if t.d.Bot != nil && t.gaveUp(end.Delivery) && t.deadSince() {
		e.SuspendFor = models.ReasonExhausted
	}
	if failure.Alert || e.SuspendFor != "" {
		log := t.a.Logger.Error
		if t.d.Bot != nil { // its owner's to repair, not the operators'
			log = t.a.Logger.Info
		}
		log("destination needs repair", "destination", e.Destination, "channel", t.d.Delivery.Channel,
			"reason", failure.Reason, "provider_code", failure.Code, "suspended", e.SuspendFor != "")
	}
	switch {
	case e.SuspendFor != "" && t.state(r).SuspendedAt == nil:
		e.Alarm = t.alarm(ctx, r, e)
	case e.SuspendFor == "" && t.d.Bot != nil && (failure.Alert || failure.Class == channels.RateLimited && metered(t)): // somebody else uses it
		e.Warning = t.tell(ctx, e, models.TypeBotFailing, map[string]string{"bot_name": t.d.Bot.Name, "reason": failure.Reason})
	}
	return e
}

// gaveUp reports whether the schedule of the delivery ended in failure, or went on
// for long before the deadline cut it off.
func (t *turn) gaveUp(d models.Delivery) bool {
	switch {
	case d.State != models.DeliveryFailed:
		return false
	case d.Reason == models.ReasonExhausted:
		return true
	}
	return d.Reason == models.ReasonExpired && t.a.Config.RetryOf(d.Channel).Long(t.d.Attempts[0].StartedAt, t.now)
}

// deadSince reports whether nothing reached the destination since the delivery's
// first attempt.
func (t *turn) deadSince() bool {
	last := t.d.BotState.LastSuccessAt
	return last == nil || last.Before(t.d.Attempts[0].StartedAt)
}

// after is the state with the effect applied, for choosing the next provider.
func after(s models.DestinationState, e models.DestinationEffect, now time.Time) models.DestinationState {
	if e.PausedUntil != nil {
		s.PausedUntil = e.PausedUntil
	}
	if e.SuspendFor != "" {
		s.SuspendedAt = &now
	}
	return s
}

// alarm is the notification that tells the owner: the account for its bot, the
// operators for a provider. The database accepts it only when this attempt is
// the one that suspends.
func (t *turn) alarm(ctx context.Context, r models.Route, e models.DestinationEffect) *models.Acceptance {
	key, variables := models.TypeProviderSuspended, map[string]string{
		"provider_name": r.Provider.Name, "channel": string(r.Provider.Channel),
	}
	if t.d.Bot != nil {
		key, variables = models.TypeBotSuspended, map[string]string{"bot_name": t.d.Bot.Name}
	}
	variables["reason"], variables["suspended_at"] = e.SuspendFor, t.now.Format(time.DateTime)+" UTC"
	return t.tell(ctx, e, key, variables)
}

// tell makes a notification for the destination's owner; nil when it cannot be
// made: the log has it anyway.
func (t *turn) tell(ctx context.Context, e models.DestinationEffect, key string, variables map[string]string) *models.Acceptance {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout) // as the outcome itself
	defer cancel()
	notice, err := t.a.Notice(ctx, e.AccountID, key, variables)
	if err != nil {
		t.a.Logger.Error("cannot tell owner of destination", "destination", e.Destination, "error", err)
		return nil
	}
	return &notice
}
