package routing

import (
	"time"

	"belfry.dev/belfry/models"
)

// Planned is what routing decides about one notification.
type Planned struct {
	// Deliveries are those to make, and those against which something speaks, suppressed
	// with its reason: the account's inbox first, unless it is written; then in the order in
	// which they were decided. They have no ids yet; their slots are unique as long as
	// those of recipients are. What is held waits for its NextAttemptAt.
	Deliveries []models.Delivery
	// Inboxes are the messages that those into inboxes stand for.
	Inboxes []Inbox
	// Limits are what the open ones count against, by slot; never nil.
	Limits map[string][]models.Quota
	// Digests are the envelopes that some of the open ones join, by slot; never nil.
	Digests map[string]models.Gathering
	// HeldUntil is the last instant until which one of them is held; zero for none.
	HeldUntil time.Time
}

// Inbox is one inbox message to write.
type Inbox struct {
	// Slot is its delivery's.
	Slot string
	// Owner is whose personal inbox it is; "" is the account's.
	Owner    string
	Language string
}

// Plan decides about one notification, in the order of docs/reasons.md#routing.
func Plan(in Input) Planned {
	p := Planned{Limits: map[string][]models.Quota{}, Digests: map[string]models.Gathering{}}
	if !in.InboxWritten {
		p.Deliveries = append(p.Deliveries, models.Delivery{
			Slot: models.SlotAccountInbox, Channel: models.ChannelInbox, Language: in.Language, Locked: true, State: models.DeliveryDelivered,
		})
		p.Inboxes = append(p.Inboxes, Inbox{Slot: models.SlotAccountInbox, Language: in.Language})
	}
	used := in.counters()
	for _, d := range in.decide() {
		limits := in.quotas(d)
		if reason := models.Take(used, limits); reason != "" {
			d.Reason = reason
		} else if len(limits) > 0 {
			p.Limits[d.Slot] = limits
		}
		p.add(d)
	}
	return p
}

// add makes the delivery of a decision.
func (p *Planned) add(d decision) {
	row := d.Delivery
	switch {
	case row.Reason != "":
		row.State = models.DeliverySuppressed
	case row.Channel == models.ChannelInbox:
		row.State = models.DeliveryDelivered
		p.Inboxes = append(p.Inboxes, Inbox{Slot: row.Slot, Owner: d.owner, Language: row.Language})
	default:
		row.State = models.DeliveryPending
		if at := d.gathering.ClosesAt; !at.IsZero() {
			row.Reason, row.NextAttemptAt = models.ReasonDigest, &at
			p.Digests[row.Slot] = d.gathering
			p.HeldUntil = latest(p.HeldUntil, at)
		} else if !d.until.IsZero() {
			row.Reason, row.NextAttemptAt = models.ReasonQuietHours, &d.until
			p.HeldUntil = latest(p.HeldUntil, d.until)
		}
	}
	p.Deliveries = append(p.Deliveries, row)
}

// MergeInboxes makes one message of those that notifications of one moment, the most urgent
// first, have for one inbox. together has the first of those with the indexes tell of all
// of them, and says whether it does; the others leave theirs then, and their deliveries say so.
func MergeInboxes(all []*Planned, together func(owner string, of []int) bool) {
	var owners []string
	having := map[string][]int{}
	for i, p := range all {
		for _, inbox := range p.Inboxes {
			have := having[inbox.Owner]
			if len(have) == 0 {
				owners = append(owners, inbox.Owner)
			}
			if len(have) == 0 || have[len(have)-1] != i {
				having[inbox.Owner] = append(have, i)
			}
		}
	}
	for _, owner := range owners {
		if of := having[owner]; len(of) > 1 && together(owner, of) {
			for _, i := range of[1:] {
				all[i].leave(owner)
			}
		}
	}
}

// leave leaves the owner's message to another notification's.
func (p *Planned) leave(owner string) {
	var kept []Inbox
	for _, inbox := range p.Inboxes {
		if inbox.Owner != owner {
			kept = append(kept, inbox)
			continue
		}
		for i := range p.Deliveries {
			if p.Deliveries[i].Slot == inbox.Slot {
				p.Deliveries[i].Reason = models.ReasonMerged
			}
		}
	}
	p.Inboxes = kept
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
