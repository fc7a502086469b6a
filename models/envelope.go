package models

import (
	"cmp"
	"slices"
	"time"
)

// Envelope is one message on its way to one address or bot over one channel. It holds one or
// more deliveries and has their attempts. A delivery that is alone is its own envelope; where
// notifications of one moment meet, one of their deliveries leads, and is the envelope of the
// others (Led): neither has a row. What gathers for a while has one, and a workflow.
type Envelope struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Gathers names what joins it (Gathering); unique in the account, and nil once it is closed.
	Gathers *string
	// Category is that of all that is in it; "" where it waits for its bot's pace (pacing.Queue).
	Category string
	Channel  Channel
	// The recipient is as in Delivery.
	ContactID  string
	AddressID  string
	BotID      string
	Recipient  string
	AddressKey string `json:"-"`
	Language   string
	State      EnvelopeState
	Reason     string
	// Attempts is the number of the newest attempt; it fences late workers. The number that a
	// delivery in it has is that of the newest attempt that told of it.
	Attempts int
	// Joined counts the deliveries that joined it.
	Joined   int
	ClosesAt time.Time
	// NextAt is when its workflow must act; nil at the end.
	NextAt     *time.Time
	CreatedAt  time.Time
	FinishedAt *time.Time
	// NotificationID is that of the delivery that leads, "" where it has a row; it is Accepted.
	NotificationID string `gorm:"-"`
	Accepted       bool   `gorm:"-"`
}

// MostJoined bounds the deliveries of an envelope: it closes early with the last of them.
const MostJoined = 500

// EnvelopeState is where an envelope stands.
type EnvelopeState string

// States of an envelope.
const (
	EnvelopeOpen      EnvelopeState = "open"   // deliveries join it
	EnvelopeClosed    EnvelopeState = "closed" // nothing joins it any more; it is tried
	EnvelopeDelivered EnvelopeState = "delivered"
	EnvelopeFailed    EnvelopeState = "failed"
	EnvelopeCancelled EnvelopeState = "cancelled" // nothing is left in it that may be sent
)

// Final reports whether the state never changes any more.
func (s EnvelopeState) Final() bool { return s != EnvelopeOpen && s != EnvelopeClosed }

// EnvelopeLife is the life of an envelope that has a row. A delivery leaves it as Follow says.
func EnvelopeLife() Life[EnvelopeState] {
	return Life[EnvelopeState]{
		{"", EventAccept, EnvelopeOpen, AtClosing, "the first delivery joins"},
		{EnvelopeOpen, EventChange, EnvelopeOpen, AtClosing, "another one joins; it may close earlier"},
		{EnvelopeOpen, EventClose, EnvelopeClosed, AtOnce, "its limits are counted"},
		{EnvelopeOpen, EventCancel, EnvelopeCancelled, Never, "all have left it"},
		{EnvelopeClosed, EventAwait, EnvelopeClosed, AtAttempt, "quiet hours, retry, rate limit, suspended destination"},
		{EnvelopeClosed, EventDeliver, EnvelopeDelivered, Never, "with all that the attempt told of"},
		{EnvelopeClosed, EventFail, EnvelopeFailed, Never, ""},
		{EnvelopeClosed, EventCancel, EnvelopeCancelled, Never, "all have left it"},
	}
}

// Delivery stands for the envelope where a delivery is tried.
func (e Envelope) Delivery() Delivery {
	d := Delivery{
		ID: e.ID, AccountID: e.AccountID, Channel: e.Channel, ContactID: e.ContactID, AddressID: e.AddressID, BotID: e.BotID,
		Recipient: e.Recipient, AddressKey: e.AddressKey, Language: e.Language, State: DeliveryPending, Reason: e.Reason,
		Attempts: e.Attempts, NextAttemptAt: e.NextAt, EnvelopeID: e.ID, CreatedAt: e.CreatedAt,
	}
	switch e.State {
	case EnvelopeOpen, EnvelopeClosed:
	case EnvelopeDelivered:
		d.State = DeliveryDelivered
	case EnvelopeFailed:
		d.State = DeliveryFailed
	case EnvelopeCancelled:
		d.State = DeliveryCancelled
	}
	return d
}

// Led is the delivery as the envelope of those that it leads.
func (d Delivery) Led() Envelope {
	e := Envelope{ID: d.ID, NotificationID: d.NotificationID, Reason: d.Reason, Attempts: d.Attempts, FinishedAt: d.FinishedAt}
	switch d.State {
	case DeliveryPending:
		e.State = EnvelopeClosed
	case DeliveryDelivered, DeliveryAccepted:
		e.State, e.Accepted = EnvelopeDelivered, d.State == DeliveryAccepted
	case DeliveryFailed:
		e.State = EnvelopeFailed
	case DeliveryCancelled, DeliverySuppressed:
		e.State = EnvelopeCancelled
	}
	return e
}

// StandsForEnvelope reports whether the delivery is that of an envelope that has a row.
func (d Delivery) StandsForEnvelope() bool { return d.ID != "" && d.EnvelopeID == d.ID }

// ByUrgency orders what one message tells of: the most severe first, then by type, then the
// oldest.
func ByUrgency(a, b Notification) int {
	return cmp.Or(severe(b.Severity)-severe(a.Severity), cmp.Compare(a.Type, b.Type), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

func severe(s Severity) int {
	return slices.Index([]Severity{SeverityInfo, SeverityWarning, SeverityCritical}, s)
}

// Empty is what becomes of the open deliveries in the final envelope, by their state then:
// what it told of ends with it, the rest goes on by itself.
func (e Envelope) Empty(in []Delivery, now time.Time) map[DeliveryState][]Delivery {
	by := map[DeliveryState][]Delivery{}
	for _, d := range in {
		next, _ := d.Follow(e, Notification{ExpiresAt: now.Add(1)}, false, now) // its own end is its workflow's
		by[next.State] = append(by[next.State], next)
	}
	return by
}

// Refused are those of the parts that a limit leaves nothing for, by reason. refused has the
// reasons by message type, and under "" the one for all.
func Refused(parts []Part, refused map[string]string) map[string][]Part {
	by := map[string][]Part{}
	for _, p := range parts {
		if reason := cmp.Or(refused[""], refused[p.Notification.Type]); reason != "" {
			by[reason] = append(by[reason], p)
		}
	}
	return by
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
// that somebody can, and one that is due before one that is held. What is final stays apart, and what
// is in a digest.
func Gather(notifications [][]Delivery) {
	leads := map[string]*Delivery{}
	for _, deliveries := range notifications {
		for i := range deliveries {
			d := &deliveries[i]
			if c := leads[d.destination()]; d.gathers() && (c == nil || d.leadsBefore(*c)) {
				leads[d.destination()] = d
			}
		}
	}
	for _, deliveries := range notifications {
		for i := range deliveries {
			d := &deliveries[i]
			if c := leads[d.destination()]; d.gathers() && c != d {
				d.EnvelopeID, d.Reason, d.NextAttemptAt = c.ID, ReasonMerged, nil
			}
		}
	}
}

func (d Delivery) gathers() bool { return !d.State.Final() && d.Reason != ReasonDigest }

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
	sent := d.Attempts > 0 && d.Attempts == e.Attempts
	switch {
	case calling:
		return d, false
	case sent && e.Accepted:
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryAccepted, e.Reason, e.FinishedAt, nil
	case sent && e.State == EnvelopeDelivered:
		d.State, d.Reason, d.FinishedAt, d.NextAttemptAt = DeliveryDelivered, e.Reason, e.FinishedAt, nil
	case sent && e.State == EnvelopeFailed:
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
