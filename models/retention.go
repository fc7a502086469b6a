package models

import "time"

// RetentionPolicy says how long what is over is kept. There is one.
type RetentionPolicy struct {
	ID string `gorm:"primaryKey"`
	// Messages are those of inboxes, read or not. Notifications go with their
	// deliveries and attempts once they have ended; envelopes and announcements likewise, and
	// what is remembered of invitations, reminders and deleted resources.
	Messages      RetentionRule `gorm:"serializer:json"`
	Notifications RetentionRule `gorm:"serializer:json"`
	Version       int64
	UpdatedAt     time.Time
}

// RetentionID is the id of the one policy.
const RetentionID = "retention"

// RetentionRule says for how many days something is kept, in categories that have
// their own number and in all others; 0 is for ever.
type RetentionRule struct {
	Days       int            `json:"days"`
	Categories map[string]int `json:"categories,omitempty"`
}

// Bounds of a rule, in days. An external id and an idempotency key must not be
// forgotten while their submission may be repeated: 7 days.
const (
	MinRetention = 7
	MaxRetention = 3650
	// MinTombstone is for how long at least a deleted resource is remembered: feeds are
	// repeated from backups and queues of what failed, and an older version must not
	// bring it back.
	MinTombstone = 30
)

// Categories whose number of days holds for what has none of its own: that of the
// messages which invitations send, and of those which tell of resources.
const (
	InvitationCategory = "account"
	ResourceCategory   = "product"
)

// RetentionKind is what one rule is about.
type RetentionKind string

// Kinds, in the order in which they are gone through.
const (
	RetainMessages      RetentionKind = "messages"
	RetainNotifications RetentionKind = "notifications"
	RetainAnnouncements RetentionKind = "announcements"
	RetainInvitations   RetentionKind = "invitations"
	RetainResources     RetentionKind = "resources" // deleted ones, and reminders of any
)

// RetentionKinds lists the kinds in their order.
func RetentionKinds() []RetentionKind {
	return []RetentionKind{RetainMessages, RetainNotifications, RetainAnnouncements, RetainInvitations, RetainResources}
}

// Rule is the rule of the kind.
func (p RetentionPolicy) Rule(kind RetentionKind) RetentionRule {
	if kind == RetainMessages {
		return p.Messages
	}
	return p.Notifications
}

// Over reports whether what ended at the time has been kept for long enough.
func (r RetentionRule) Over(category string, ended, now time.Time) bool {
	newest, some := r.Newest(category, now)
	return some && !ended.After(newest)
}

// OverOf is Over for an envelope; what waited for its bot's pace is of any category.
func (r RetentionRule) OverOf(e Envelope, now time.Time) bool {
	over := e.FinishedAt != nil && r.Over(e.Category, *e.FinishedAt, now)
	for category := range r.Categories {
		over = over && (e.Category != "" || r.Over(category, *e.FinishedAt, now))
	}
	return over
}

// Newest is the instant of the newest that is over of the category; false when it is
// kept for ever.
func (r RetentionRule) Newest(category string, now time.Time) (time.Time, bool) {
	days, own := r.Categories[category]
	if !own {
		days = r.Days
	}
	return now.UTC().AddDate(0, 0, -days), days > 0
}

// Forgettable reports whether nothing need be known any more of a resource that was
// deleted. That counts from its deletion, or from the last of its ends where that is
// later: until then an old feed that brought it back would be reminded of.
func (r RetentionRule) Forgettable(resource Resource, now time.Time) bool {
	last := resource.UpdatedAt
	for _, end := range []*time.Time{&resource.ExpiresAt, resource.ReleaseAt} {
		if end != nil && end.After(last) {
			last = *end
		}
	}
	return resource.State == ResourceDeleted && r.Over(ResourceCategory, last, now) && !last.AddDate(0, 0, MinTombstone).After(now)
}

// Cutoff is the instant after which nothing can be over by any part of the rule; false
// when everything is kept for ever.
func (r RetentionRule) Cutoff(now time.Time) (time.Time, bool) {
	shortest := r.Days
	for _, days := range r.Categories {
		if days > 0 && (shortest == 0 || days < shortest) {
			shortest = days
		}
	}
	return now.AddDate(0, 0, -shortest), shortest > 0
}

// Retained is what one transaction of retention did.
type Retained struct {
	// After is the last row that was looked at; the next transaction begins behind it.
	After string
	// Deleted counts the rows of the kind that are gone.
	Deleted int
	// Done says that nothing behind it can be over.
	Done bool
}
