package ledger

import (
	"fmt"
	"slices"
	"strings"
)

// Close sums the books up. They are meant to be complete: what is still open in
// them counts as stuck.
func Close(b Books) Ledger {
	c := &closing{
		books: b, reports: map[string]Report{}, copies: map[string][]Copy{}, owners: map[string]string{},
		sum: Ledger{Statuses: map[string]int{}, Channels: map[string]*Count{}},
	}
	for _, r := range b.Reports {
		c.reports[r.ID] = r
	}
	for _, each := range b.Copies {
		at := each.Channel + " " + each.Key
		c.copies[at] = append(c.copies[at], each)
	}
	c.submissions()
	for _, r := range b.Reports {
		c.report(r)
	}
	c.strangers()
	c.history()
	slices.SortFunc(c.sum.Broken, func(a, b Breach) int {
		return strings.Compare(a.Promise+a.About, b.Promise+b.About)
	})
	return c.sum
}

// closing is one run of Close.
type closing struct {
	books   Books
	reports map[string]Report
	copies  map[string][]Copy // by channel and key
	owners  map[string]string // notification by delivery
	sum     Ledger
}

func (c *closing) broken(promise, format string, args ...any) {
	c.sum.Broken = append(c.sum.Broken, Breach{Promise: promise, About: fmt.Sprintf(format, args...)})
}

// submissions follows each key to its notification (P4, P5), and each notification
// of a product back to a key.
func (c *closing) submissions() {
	sent := map[string]bool{}
	keyOf := map[string]string{}
	for _, s := range c.books.Submissions {
		sent[s.Key] = true
		if len(s.IDs) == 0 {
			c.sum.Unanswered++
			continue
		}
		c.sum.Accepted++
		id := c.answered(s, keyOf)
		c.accepted(s, id)
	}
	for _, r := range c.books.Reports {
		if r.Source == sourceProduct && !sent[r.Key] {
			c.broken("P4", "notification %s exists, and nobody submitted it (key %q)", r.ID, r.Key)
		}
	}
	c.twins()
}

// answered returns the notification that the answers to the key named.
func (c *closing) answered(s Submission, keyOf map[string]string) string {
	id := s.IDs[0]
	if slices.ContainsFunc(s.IDs, func(other string) bool { return other != id }) {
		c.broken("P5", "key %s was answered with several notifications: %s", s.Key, strings.Join(s.IDs, ", "))
	}
	if other, taken := keyOf[id]; taken {
		c.broken("P5", "keys %s and %s are one notification, %s", other, s.Key, id)
	}
	keyOf[id] = s.Key
	return id
}

func (c *closing) accepted(s Submission, id string) {
	r, exists := c.reports[id]
	if !exists {
		c.sum.Lost++
		c.broken("P4", "notification %s was acknowledged for key %s, and does not exist", id, s.Key)
		return
	}
	c.sum.Statuses[r.Status]++
	if r.AccountID != s.Account {
		c.broken("P2", "notification %s was submitted about account %s, and is about %s", id, s.Account, r.AccountID)
	}
	if r.Key != s.Key {
		c.broken("P5", "notification %s was acknowledged for key %s, and has key %s", id, s.Key, r.Key)
	}
}

// twins finds notifications of one account with one key.
func (c *closing) twins() {
	first := map[string]string{}
	for _, r := range c.books.Reports {
		if r.Key == "" {
			continue
		}
		at := r.AccountID + " " + r.Key
		if other, taken := first[at]; taken {
			c.broken("P5", "key %s has the notifications %s and %s", r.Key, other, r.ID)
		}
		first[at] = r.ID
	}
}

// report checks one notification by itself.
func (c *closing) report(r Report) {
	states := map[string]int{}
	for _, d := range r.Deliveries {
		states[d.State]++
		if other, taken := c.owners[d.ID]; taken {
			c.broken("P2", "delivery %s belongs to the notifications %s and %s", d.ID, other, r.ID)
		}
		c.owners[d.ID] = r.ID
		c.delivery(r, d)
	}
	for _, state := range []string{pending, delivered, failed, cancelled, suppressed} {
		if states[state] != r.Counts[state] {
			c.broken("P1", "notification %s counts %d %s, and has %d", r.ID, r.Counts[state], state, states[state])
		}
		delete(states, state)
	}
	for state := range states {
		c.broken("P1", "notification %s has a delivery in the unknown state %q", r.ID, state)
	}
	if !possible(r) {
		c.broken("P1", "notification %s is %s, and its deliveries say otherwise: %s", r.ID, r.Status, r.states())
	}
	if r.FinishedAt == nil {
		c.broken("quiet", "notification %s is still %s: %s", r.ID, r.Status, r.states())
	}
	c.message(r)
}

// possible reports whether the status can be that of the deliveries.
func possible(r Report) bool {
	outward := map[string]int{}
	for _, d := range r.Deliveries {
		if d.Channel != inbox {
			outward[d.State]++
		}
	}
	switch r.Status {
	case scheduled:
		return len(r.Deliveries) == 0
	case pending:
		return r.FinishedAt == nil
	case delivered:
		return outward[pending]+outward[failed]+outward[cancelled] == 0
	case partial:
		return outward[pending] == 0 && outward[delivered] > 0
	case failed:
		return outward[pending] == 0 && outward[failed] > 0
	case cancelled, expired:
		return outward[pending]+outward[delivered] == 0
	}
	return false
}

// states is a short form of the deliveries, for people.
func (r Report) states() string {
	words := make([]string, 0, len(r.Deliveries))
	for _, d := range r.Deliveries {
		word := d.Channel + " " + d.State
		if d.Reason != "" {
			word += " (" + d.Reason + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// message compares the inbox delivery with the inbox.
func (c *closing) message(r Report) {
	if c.books.Inboxes == nil {
		return
	}
	want := 0
	for _, d := range r.Deliveries {
		if d.Channel == inbox && d.State == delivered {
			want++
		}
	}
	got := c.books.Inboxes[r.ID]
	count := c.channel(inbox)
	count.Copies += got
	switch {
	case got < want:
		count.Lost += want - got
		c.broken("P6", "notification %s is in %d inboxes, reported are %d", r.ID, got, want)
	case got > want:
		count.Repeats += got - want
		c.broken("P6", "notification %s has %d messages in inboxes, reported are %d", r.ID, got, want)
	}
}

func (c *closing) channel(name string) *Count {
	count := c.sum.Channels[name]
	if count == nil {
		count = &Count{}
		c.sum.Channels[name] = count
	}
	return count
}
