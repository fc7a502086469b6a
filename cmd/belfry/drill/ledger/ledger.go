// Package ledger compares books that know nothing of each other: what a producer
// submitted and was answered, what the API reports, and what the receivers got. It
// counts, and names each promise that is broken. It knows Belfry by its public API
// only.
package ledger

import "time"

// Channels, states and outcomes, as the API spells them.
const (
	inbox = "inbox"
	sms   = "sms"

	pending    = "pending"
	delivered  = "delivered"
	failed     = "failed"
	cancelled  = "cancelled"
	suppressed = "suppressed"
	scheduled  = "scheduled"
	partial    = "partial"
	expired    = "expired"

	ambiguous = "ambiguous"
	unknown   = "unknown"

	sourceProduct = "product"
)

// Report is what GET /v1/notifications/{id} says, as far as promises go.
type Report struct {
	ID         string         `json:"id"`
	AccountID  string         `json:"account_id"`
	Status     string         `json:"status"`
	Source     string         `json:"source"`
	Key        string         `json:"idempotency_key"`
	CreatedAt  time.Time      `json:"created_at"`
	ExpiresAt  time.Time      `json:"expires_at"`
	FinishedAt *time.Time     `json:"finished_at"`
	Counts     map[string]int `json:"counts"`
	Deliveries []Delivery     `json:"deliveries"`
}

// Delivery is one delivery of a report.
type Delivery struct {
	ID       string    `json:"id"`
	Channel  string    `json:"channel"`
	State    string    `json:"state"`
	Reason   string    `json:"reason"`
	ReplayOf string    `json:"replay_of"`
	Attempts []Attempt `json:"attempts"`
}

// Attempt is one attempt of a delivery.
type Attempt struct {
	Number     int        `json:"number"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Outcome    string     `json:"outcome"`
}

// key is what receivers see: a delivery that repeats another has the other's.
func (d Delivery) key() string {
	if d.ReplayOf != "" {
		return d.ReplayOf
	}
	return d.ID
}

// final reports whether the state is one that never changes.
func (d Delivery) final() bool { return d.State != pending }

// Unclear counts the attempts of which nobody knows whether the recipient got the
// message: each may have left a copy.
func (d Delivery) Unclear() int {
	n := 0
	for _, a := range d.Attempts {
		if a.Outcome == unknown || a.Outcome == ambiguous {
			n++
		}
	}
	return n
}

// Copy is one message that a receiver got.
type Copy struct {
	Channel string
	// Key is the delivery's: of the Message-ID, of the SMS, the webhook-id.
	Key string
	// Account is the id of the account whose mailbox, phone or endpoint got it; ""
	// where the receiver cannot tell.
	Account string
	At      time.Time
}

// Books are what is compared.
type Books struct {
	Submissions []Submission
	// Reports are of all notifications that the API lists.
	Reports []Report
	// Copies are what the receivers wrote down.
	Copies []Copy
	// Blind says that there are no receivers of ours: copies are not compared.
	Blind bool
	// Inboxes counts the messages in all inboxes by notification; nil leaves the
	// inboxes out.
	Inboxes map[string]int
	// Earlier are reports that were read before, in any order.
	Earlier []Report
}

// Ledger is the sum of the books.
type Ledger struct {
	// Accepted counts the submissions that were answered with 202, Unanswered those
	// that never were.
	Accepted, Unanswered int
	// Statuses counts the accepted notifications by their status.
	Statuses map[string]int
	// Lost counts the accepted notifications that do not exist.
	Lost int
	// Channels counts the deliveries by channel.
	Channels map[string]*Count
	// Broken are the promises that do not hold; empty when all do.
	Broken []Breach
}

// Count is about the deliveries of one channel.
type Count struct {
	Delivered, Failed, Suppressed, Cancelled, Pending int
	// Lost are reported as delivered, and the receiver has none.
	Lost int
	// Copies are all that receivers got; Repeats those beyond the first of each
	// delivery.
	Copies, Repeats int
	// Unknown counts the attempts of unknown outcome.
	Unknown int
}

// Breach is a promise that does not hold for something.
type Breach struct {
	// Promise is its name: P1–P6 or "quiet".
	Promise string
	// About names the notification, delivery or key, and what is wrong with it.
	About string
}

// Promises are what the ledger checks, by name, in the order they are printed.
var Promises = [...][2]string{
	{"P1", "accepted = delivered + failed + cancelled + suppressed + pending"},
	{"P2", "a delivery belongs to one notification, and is sent to its own account"},
	{"P3", "what has ended stays ended, and attempts are numbered in order"},
	{"P4", "what was acknowledged exists, and what exists was submitted"},
	{"P5", "one key, one notification"},
	{"P6", "delivered means received; further copies only after attempts of unknown outcome"},
	{"quiet", "everything ends, with a reason"},
}
