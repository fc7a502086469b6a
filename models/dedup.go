package models

import "time"

// Bounds of the window in which equal events count on one notification.
const (
	DefaultDedupWindow = 5 * time.Minute
	// MaxDedupWindow is shorter than anything is kept at least: the notification that
	// a window counts on is there.
	MaxDedupWindow = 24 * time.Hour
)

// DedupWindow is how long after the first of equal events the others count on its
// notification.
func (t MessageType) DedupWindow() time.Duration {
	if t.DedupWindowSeconds == 0 {
		return DefaultDedupWindow
	}
	return time.Duration(t.DedupWindowSeconds) * time.Second
}

// Gathers reports whether an equal event may count on the notification. Nobody would
// hear of the event when that was cancelled, or its life ended before it went out.
func (n Notification) Gathers(now time.Time) bool {
	if n.CancelledAt != nil || n.Status == StatusExpired {
		return false
	}
	return n.Status.Final() || now.Before(n.ExpiresAt)
}

// Count is how many equal events the notification stands for: at least 1.
func (n Notification) Count() int64 { return n.Repeats + 1 }

// LastSeenAt is when the newest of them was accepted.
func (n Notification) LastSeenAt() time.Time { return lastSeen(n.CreatedAt, n.RepeatedAt) }

// Count is how many equal events the message stands for: at least 1.
func (m Message) Count() int64 { return m.Repeats + 1 }

// LastSeenAt is when the newest of them was accepted; the message itself may be older
// or, of a notification that was planned late, newer.
func (m Message) LastSeenAt() time.Time { return lastSeen(m.CreatedAt, m.RepeatedAt) }

func lastSeen(first time.Time, again *time.Time) time.Time {
	if again == nil || again.Before(first) {
		return first
	}
	return *again
}

// Submitted is what became of a submission.
type Submitted struct {
	// Notification is the new one, the one that was submitted before under the same
	// external id, or the one that the event counts on.
	Notification Notification
	// New says that it is the first of these, Deduplicated, that it is the last; Counted,
	// that this submission raised the count, and does not repeat one that did.
	New          bool
	Deduplicated bool
	Counted      bool
	// Refusal is why nothing was accepted; nil otherwise. Its code is conflict.
	Refusal error
}
