package routing

import (
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/quiethours"
)

// Quiet is all that decides whether a contact's quiet hours hold a delivery: when it is
// planned, and before every attempt.
type Quiet struct {
	Type models.MessageType
	// Severity is the notification's.
	Severity    models.Severity
	Locked      bool
	Preferences models.Preferences
	// TimeZone is for preferences that name none: the contact's, else the account's.
	TimeZone string
}

// Until returns when the quiet hours that now lies in end, and false when nothing holds the
// delivery.
func (q Quiet) Until(now time.Time) (time.Time, bool) {
	if urgent(q.Type, q.Severity, q.Locked) {
		return time.Time{}, false
	}
	return quiethours.Until(now, q.Preferences, q.TimeZone)
}

// QuietAgain asks before an attempt what was asked when the delivery was planned: whatever it
// waited for may have ended inside of quiet hours. The recipient is as it is now.
func QuietAgain(t models.MessageType, n models.Notification, d models.Delivery, r models.Recipient) Quiet {
	return Quiet{Type: t, Severity: n.Severity, Locked: d.Locked, Preferences: r.Preferences, TimeZone: r.TimeZone}
}

// HeldUntil returns when the quiet hours end that hold a message of several deliveries, and
// false when nothing holds it: what cannot wait takes the others along.
func HeldUntil(now time.Time, message ...Quiet) (time.Time, bool) {
	last := time.Time{}
	for _, each := range message {
		until, held := each.Until(now)
		if !held {
			return time.Time{}, false
		}
		last = latest(last, until)
	}
	return last, !last.IsZero()
}

// Hold returns until when a delivery of n is held, and when the notification's life ends
// then: waiting takes nothing from the time that the message type gives for tries. Where the
// end comes first, it waits for that.
func Hold(t models.MessageType, n models.Notification, d models.Delivery, until time.Time) (at, expires time.Time) {
	life := n
	if d.ReplayOf != "" { // its life began anew
		life.CreatedAt, life.ScheduleAt = d.CreatedAt, nil
	}
	expires = latest(n.ExpiresAt, Expiry(t, life, until))
	if until.After(expires) {
		until = expires
	}
	return until, expires
}

func urgent(t models.MessageType, severity models.Severity, locked bool) bool {
	return locked || t.Category == models.CategorySecurity || severity == models.SeverityCritical
}

// LongestHold is how much longer than its deadline a notification may live because
// deliveries of it are held: quiet hours, on a day that clocks are set back on.
const LongestHold = 25 * time.Hour

// Expiry returns when the notification's life ends when deliveries of it are held until the
// instant: as long after it as the message type gives for tries, so that held is not lost,
// but never later than LongestHold allows, however many nights it is tried in. It is zero,
// for no change, when nothing is held, or when the submission itself said that it is not
// worth sending that late.
func Expiry(t models.MessageType, n models.Notification, held time.Time) time.Time {
	if held.IsZero() || Brief(t, n) {
		return time.Time{}
	}
	if last := due(n).Add(LongestHold); last.Before(held) {
		held = last
	}
	return held.Add(lifetime(t))
}

// Brief reports whether the submission itself said that it is not worth sending later than
// its end, whatever holds it.
func Brief(t models.MessageType, n models.Notification) bool {
	slack := min(time.Minute, lifetime(t)/10) // it was stored a little after its life was computed
	return n.ExpiresAt.Before(due(n).Add(lifetime(t) - slack))
}

func lifetime(t models.MessageType) time.Duration {
	return time.Duration(t.DeadlineSeconds) * time.Second
}

func due(n models.Notification) time.Time {
	if n.ScheduleAt != nil {
		return *n.ScheduleAt
	}
	return n.CreatedAt
}
