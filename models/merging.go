package models

import (
	"slices"
	"time"
)

// Others are the ids of the notifications that n is merged with, without its own; empty,
// never nil.
func (n Notification) Others() []string {
	return slices.DeleteFunc(append([]string{}, n.MergedWith...), func(id string) bool { return id == n.ID })
}

// Merge joins what would reach one recipient as several messages. It is given the open
// deliveries of notifications that are merged, the most urgent notification first; of those
// over one channel to one address or bot, one carries the others: it leaves with the texts of
// all, and they follow it (Follow). One that nobody can switch off carries before one that
// somebody can, and one that is due before one that is held. What is final stays apart.
func Merge(notifications [][]Delivery) {
	carriers := map[string]*Delivery{}
	for _, deliveries := range notifications {
		for i := range deliveries {
			d := &deliveries[i]
			if c := carriers[d.destination()]; !d.State.Final() && (c == nil || d.carriesBefore(*c)) {
				carriers[d.destination()] = d
			}
		}
	}
	for _, deliveries := range notifications {
		for i := range deliveries {
			d := &deliveries[i]
			if c := carriers[d.destination()]; !d.State.Final() && c != d {
				d.MergedInto, d.Reason, d.NextAttemptAt = c.ID, ReasonMerged, nil
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

// carriesBefore reports whether the delivery carries a less urgent notification's, c, all the
// same: it is a later one in the order.
func (d Delivery) carriesBefore(c Delivery) bool {
	if d.Locked != c.Locked {
		return d.Locked
	}
	return d.Reason != ReasonQuietHours && c.Reason == ReasonQuietHours
}

// Follow returns what becomes of a delivery of n that another carries. It ends as that one
// did, if its last attempt told of it; else it goes on by itself, from the start, once the
// carrier is at its end. Before that it ends with n: cancelled, or failed when its time is over
// after an attempt that told of it; without one it goes on by itself, to be recorded as late.
// calling says that the carrier has a call under way: then all waits. It reports false when
// nothing changes.
func (d Delivery) Follow(carrier Delivery, n Notification, calling bool, now time.Time) (Delivery, bool) {
	told := d.Attempts > 0 && d.Attempts == carrier.Attempts
	switch {
	case calling:
		return d, false
	case told && (carrier.State == DeliveryDelivered || carrier.State == DeliveryFailed):
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = carrier.State, carrier.Reason, carrier.FinishedAt, nil
	case n.CancelledAt != nil:
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryCancelled, ReasonCancelled, &now, nil
	case carrier.State.Final() || d.Attempts == 0 && !now.Before(n.ExpiresAt):
		d.MergedInto, d.Attempts, d.Reason, d.NextAttemptAt = "", 0, "", &now
	case !now.Before(n.ExpiresAt):
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryFailed, ReasonExpired, &now, nil
	default:
		return d, false
	}
	return d, true
}
