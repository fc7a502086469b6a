package delivering

import (
	"context"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/failing"
)

// successEvery is how often a destination's last success is written down: it is
// one row for all deliveries to it.
const successEvery = time.Minute

// state returns what was known of the destination before the attempt.
func (c *call) state() models.DestinationState {
	if c.d.Bot != nil {
		return c.d.BotState
	}
	return c.route.State
}

// owned is an effect on the destination, without a change yet.
func (c *call) owned() models.DestinationEffect {
	e := models.DestinationEffect{Destination: c.destination, AccountID: models.Platform}
	if c.d.Bot != nil {
		e.AccountID = c.d.Bot.AccountID
	}
	return e
}

// success is written only when it says something new.
func (c *call) success() models.DestinationEffect {
	s := c.state()
	if s.Failures == 0 && s.LastSuccessAt != nil && c.now.Sub(*s.LastSuccessAt) < successEvery {
		return models.DestinationEffect{}
	}
	e := c.owned()
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

// provider is what an attempt at a bot says about the provider of its channel: that it is
// used. Whether bots answer is their owners' business.
func (c *call) provider(succeeded bool) models.DestinationEffect {
	switch {
	case c.d.Bot == nil:
		return models.DestinationEffect{}
	case !succeeded:
		return answered(c.route, c.now)
	}
	last := c.route.State.LastSuccessAt
	if last != nil && c.now.Sub(*last) < successEvery {
		return models.DestinationEffect{}
	}
	return models.DestinationEffect{Destination: models.ProviderDestination(c.route.Provider.ID), AccountID: models.Platform, Succeeded: true}
}

// effect is what the failure says about the destination: a pause, a
// suspension, or one failure more. What was wrong with the message or the
// recipient says nothing about a provider.
func (c *call) effect(ctx context.Context, end models.AttemptEnd, failure *channels.Error) models.DestinationEffect {
	e := c.owned()
	e.FailingSince = failing.Since(c.state(), c.now)
	stage := failing.None
	switch failure.Class {
	case channels.RateLimited:
		wait := failure.Wait
		if wait <= 0 {
			wait = c.a.Config.RetryOf(c.d.Delivery.Channel).DefaultWait
		}
		until := c.now.Add(min(wait, c.a.Config.PauseCap))
		e.PausedUntil, e.FailingSince = &until, time.Time{} // it lives
	case channels.Misconfigured:
		e.SuspendFor = failure.Reason
	case channels.Permanent:
		if c.d.Bot == nil {
			return answered(c.route, c.now)
		}
		stage = c.a.Config.Failing.Stage(c.state(), c.now)
	case channels.Retry, channels.Ambiguous, channels.Unknown:
		stage = c.a.Config.Failing.Stage(c.state(), c.now)
	case channels.Delivered, channels.Accepted:
	}
	switch {
	case c.d.Bot == nil:
	case c.gaveUp(end.Delivery) && c.deadSince():
		e.SuspendFor = models.ReasonExhausted
	case stage == failing.Dead && e.SuspendFor == "":
		e.SuspendFor, e.IfFailing = models.ReasonExhausted, true
	}
	if failure.Alert || e.SuspendFor != "" {
		log := c.a.Logger.Error
		if c.d.Bot != nil { // its owner's to repair, not the operators'
			log = c.a.Logger.Info
		}
		log("destination needs repair", "destination", e.Destination, "channel", c.d.Delivery.Channel,
			"reason", failure.Reason, "provider_code", failure.Code, "suspended", e.SuspendFor != "")
	}
	switch {
	case e.SuspendFor != "" && c.state().SuspendedAt == nil:
		e.Alarm = c.alarm(ctx, e)
	case e.SuspendFor != "" || c.d.Bot == nil:
	case stage == failing.Second:
		e.Warning, e.WarningOf = warning(ctx, c, e, failure), "again "
	case stage == failing.First || failure.Alert || failure.Class == channels.RateLimited && metered(c.look): // somebody else uses it
		e.Warning = warning(ctx, c, e, failure)
	}
	return e
}

// warning tells the owner of a bot that it takes nothing: since when, why, and what follows.
func warning(ctx context.Context, c *call, e models.DestinationEffect, failure *channels.Error) *models.Acceptance {
	variables := map[string]string{"bot_name": c.d.Bot.Name, "reason": failure.Reason}
	if failure.Class != channels.RateLimited {
		variables["failing_since"] = instant(e.FailingSince)
		variables["suspended_at"] = instant(e.FailingSince.Add(c.a.Config.Failing.Dead))
	}
	return c.notify(ctx, e, models.TypeBotFailing, variables)
}

// instant is a time as notices show it.
func instant(at time.Time) string { return at.Format(time.DateTime) + " UTC" }

// gaveUp reports whether the schedule of the delivery ended in failure, or went on
// for long before the deadline cut it off.
func (c *call) gaveUp(d models.Delivery) bool {
	switch {
	case d.State != models.DeliveryFailed:
		return false
	case d.Reason == models.ReasonExhausted:
		return true
	}
	return d.Reason == models.ReasonExpired && c.a.Config.RetryOf(d.Channel).Long(c.d.Attempts[0].StartedAt, c.now)
}

// deadSince reports whether nothing reached the destination since the delivery's
// first attempt.
func (c *call) deadSince() bool {
	last := c.d.BotState.LastSuccessAt
	return last == nil || last.Before(c.d.Attempts[0].StartedAt)
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
func (c *call) alarm(ctx context.Context, e models.DestinationEffect) *models.Acceptance {
	key, variables := models.TypeProviderSuspended, map[string]string{
		"provider_name": c.route.Provider.Name, "channel": string(c.route.Provider.Channel),
	}
	if c.d.Bot != nil {
		key, variables = models.TypeBotSuspended, map[string]string{"bot_name": c.d.Bot.Name}
	}
	variables["reason"], variables["suspended_at"] = e.SuspendFor, instant(c.now)
	return c.notify(ctx, e, key, variables)
}

// notify makes a notification for the destination's owner; nil when it cannot be
// made: the log has it anyway.
func (c *call) notify(ctx context.Context, e models.DestinationEffect, key string, variables map[string]string) *models.Acceptance {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout) // as the outcome itself
	defer cancel()
	notice, err := c.a.Notice(ctx, e.AccountID, key, variables)
	if err != nil {
		c.a.Logger.Error("cannot tell owner of destination", "destination", e.Destination, "error", err)
		return nil
	}
	return &notice
}
