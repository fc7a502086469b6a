package models

import (
	"slices"
	"time"
)

// Envelope is one message on its way to one address or bot over one channel. It holds one or
// more deliveries and has their attempts. A delivery that is alone is its own envelope; where
// notifications of one moment meet, one of their deliveries leads, and is the envelope of the
// others (Led).
type Envelope struct {
	ID string
	// NotificationID is the notification of the delivery that leads.
	NotificationID string
	State          EnvelopeState
	Reason         string
	// Attempts is the number of the newest attempt; it fences late workers.
	Attempts   int
	FinishedAt *time.Time
}

// EnvelopeState is where an envelope stands.
type EnvelopeState string

// States of an envelope.
const (
	EnvelopeClosed    EnvelopeState = "closed" // nothing joins it any more; it is tried
	EnvelopeDelivered EnvelopeState = "delivered"
	EnvelopeFailed    EnvelopeState = "failed"
	EnvelopeCancelled EnvelopeState = "cancelled" // it does not leave
)

// Final reports whether the state never changes any more.
func (s EnvelopeState) Final() bool { return s != EnvelopeClosed }

// Led is the delivery as the envelope of those that it leads.
func (d Delivery) Led() Envelope {
	e := Envelope{ID: d.ID, NotificationID: d.NotificationID, Reason: d.Reason, Attempts: d.Attempts, FinishedAt: d.FinishedAt}
	switch d.State {
	case DeliveryPending:
		e.State = EnvelopeClosed
	case DeliveryDelivered:
		e.State = EnvelopeDelivered
	case DeliveryFailed:
		e.State = EnvelopeFailed
	case DeliveryCancelled, DeliverySuppressed:
		e.State = EnvelopeCancelled
	}
	return e
}

// Others are the ids of the notifications that n is merged with, without its own; empty,
// never nil.
func (n Notification) Others() []string {
	return slices.DeleteFunc(append([]string{}, n.MergedWith...), func(id string) bool { return id == n.ID })
}

// Gather puts what would reach one recipient as several messages into one envelope. It is
// given the open deliveries of notifications of one moment, the most urgent notification
// first; of those over one channel to one address or bot, one leads: it leaves with the texts
// of all, and the others follow it (Follow). One that nobody can switch off leads before one
// that somebody can, and one that is due before one that is held. What is final stays apart.
func Gather(notifications [][]Delivery) {
	leads := map[string]*Delivery{}
	for _, deliveries := range notifications {
		for i := range deliveries {
			d := &deliveries[i]
			if c := leads[d.destination()]; !d.State.Final() && (c == nil || d.leadsBefore(*c)) {
				leads[d.destination()] = d
			}
		}
	}
	for _, deliveries := range notifications {
		for i := range deliveries {
			d := &deliveries[i]
			if c := leads[d.destination()]; !d.State.Final() && c != d {
				d.EnvelopeID, d.Reason, d.NextAttemptAt = c.ID, ReasonMerged, nil
			}
		}
	}
}

// destination tells recipients apart: a channel with an address or a bot.
func (d Delivery) destination() string {
	if d.BotID != "" {
		return string(d.Channel) + ":" + d.BotID
	}
	return string(d.Channel) + ":" + d.AddressKey
}

// leadsBefore reports whether the delivery leads before a more urgent notification's, c, all
// the same.
func (d Delivery) leadsBefore(c Delivery) bool {
	if d.Locked != c.Locked {
		return d.Locked
	}
	return d.Reason != ReasonQuietHours && c.Reason == ReasonQuietHours
}

// Follow returns what becomes of a delivery of n in another's envelope. It ends as that
// did, if its last attempt told of it; else it goes on by itself, from the start, once the
// envelope is at its end. Before that it leaves with n: cancelled, or failed when its time is
// over after an attempt that told of it; without one it goes on by itself, to be recorded as
// late. calling says that the envelope has a call under way: then all waits. It reports false
// when nothing changes.
func (d Delivery) Follow(e Envelope, n Notification, calling bool, now time.Time) (Delivery, bool) {
	told := d.Attempts > 0 && d.Attempts == e.Attempts
	switch {
	case calling:
		return d, false
	case told && e.State == EnvelopeDelivered:
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryDelivered, e.Reason, e.FinishedAt, nil
	case told && e.State == EnvelopeFailed:
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryFailed, e.Reason, e.FinishedAt, nil
	case n.CancelledAt != nil:
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryCancelled, ReasonCancelled, &now, nil
	case e.State.Final() || d.Attempts == 0 && !now.Before(n.ExpiresAt):
		d.EnvelopeID, d.Attempts, d.Reason, d.NextAttemptAt = "", 0, "", &now
	case !now.Before(n.ExpiresAt):
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryFailed, ReasonExpired, &now, nil
	default:
		return d, false
	}
	return d, true
}
