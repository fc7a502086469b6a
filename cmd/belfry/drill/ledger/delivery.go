package ledger

import "fmt"

// Reasons that no delivery may fail for.
const (
	reasonInternal = "internal"
	reasonRender   = "template_error"
)

// delivery counts one delivery and compares it with its copies.
func (c *closing) delivery(r Report, d Delivery) {
	count := c.channel(d.Channel)
	count.Unknown += d.Unclear()
	switch d.State {
	case pending:
		count.Pending++
	case delivered:
		count.Delivered++
	case failed:
		count.Failed++
	case cancelled:
		count.Cancelled++
	case suppressed:
		count.Suppressed++
	}
	c.attempts(r, d)
	c.reason(r, d)
	if d.Channel != inbox && !c.books.Blind {
		c.received(r, d, count)
	}
}

// reason wants to be told why something was not delivered, and that Belfry itself
// is not why.
func (c *closing) reason(r Report, d Delivery) {
	switch {
	case d.State == delivered || d.State == pending:
		return
	case d.Reason == "":
		c.broken("quiet", "%s gives no reason", about(r, d))
	case d.Reason == reasonInternal || d.Reason == reasonRender:
		c.broken("quiet", "%s: Belfry itself failed", about(r, d))
	}
}

// attempts wants them numbered in order, ended in order, within the time to live,
// and none under way in a delivery that has ended.
func (c *closing) attempts(r Report, d Delivery) {
	for i, a := range d.Attempts {
		if a.Number != i+1 {
			c.broken("P3", "%s: attempt %d stands at place %d", about(r, d), a.Number, i+1)
		}
		if a.StartedAt.After(r.ExpiresAt) {
			c.broken("P3", "%s: attempt %d began after the time to live", about(r, d), a.Number)
		}
		under := a.Outcome == ""
		if under && (d.final() || i < len(d.Attempts)-1) {
			c.broken("P3", "%s: attempt %d has no outcome", about(r, d), a.Number)
		}
	}
}

// received compares a delivery with what its receiver wrote down.
func (c *closing) received(r Report, d Delivery, count *Count) {
	at := d.Channel + " " + d.key()
	copies := c.copies[at]
	delete(c.copies, at)
	count.Copies += len(copies)
	count.Repeats += max(0, len(copies)-1)
	if d.State == delivered && len(copies) == 0 && d.ReplayOf == "" {
		count.Lost++
		c.broken("P6", "%s, and nobody received it", about(r, d))
	}
	most := d.Unclear()
	if d.State == delivered {
		most++
	}
	if len(copies) > most && d.ReplayOf == "" {
		c.broken("P6", "%s was received %d times; its attempts explain %d", about(r, d), len(copies), most)
	}
	for _, each := range copies {
		if each.Account != "" && each.Account != r.AccountID {
			c.broken("P2", "%s of account %s was received by account %s", about(r, d), r.AccountID, each.Account)
		}
	}
}

func about(r Report, d Delivery) string {
	text := fmt.Sprintf("delivery %s of %s over %s, %s", d.ID, r.ID, d.Channel, d.State)
	if d.Reason != "" {
		text += " (" + d.Reason + ")"
	}
	return text
}

// strangers are copies that no report explains.
func (c *closing) strangers() {
	if c.books.Blind {
		return
	}
	for at, copies := range c.copies {
		c.broken("P4", "%s was received %d times, and no report knows it", at, len(copies))
	}
}

// history compares reports that were read earlier with the newest ones: what had
// ended must not have moved.
func (c *closing) history() {
	for _, before := range c.books.Earlier {
		now, exists := c.reports[before.ID]
		if !exists {
			c.broken("P4", "notification %s was there once, and does not exist any more", before.ID)
			continue
		}
		after := map[string]Delivery{}
		for _, d := range now.Deliveries {
			after[d.ID] = d
		}
		for _, d := range before.Deliveries {
			c.moved(now, d, after[d.ID])
		}
	}
}

// moved compares one delivery with what it was.
func (c *closing) moved(r Report, before, after Delivery) {
	if before.final() && (after.State != before.State || after.Reason != before.Reason) {
		c.broken("P3", "%s was %s (%s) before", about(r, after), before.State, before.Reason)
	}
	if len(after.Attempts) < len(before.Attempts) {
		c.broken("P3", "%s had %d attempts, and has %d", about(r, after), len(before.Attempts), len(after.Attempts))
		return
	}
	for i, a := range before.Attempts {
		if a.Outcome != "" && a.Outcome != after.Attempts[i].Outcome {
			c.broken("P3", "%s: attempt %d was %s, and is %s", about(r, after), a.Number, a.Outcome, after.Attempts[i].Outcome)
		}
	}
}
