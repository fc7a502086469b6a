package models

import (
	"strconv"
	"strings"
	"time"
)

// Resource is something of a product that expires and, maybe, is released. Its
// product feeds it; its workflow reminds the account before.
type Resource struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	ProductID string
	// ExternalID is the product's own id of it, unique in the product and account.
	ExternalID string
	// Kind is the product's word for what it is: "instance"; "" for none.
	Kind string
	Name string
	// ExpiresAt is when its service stops.
	ExpiresAt time.Time
	// ReleaseAt is when it is gone with its data, at or after ExpiresAt; nil for never.
	ReleaseAt *time.Time
	// Ladder replaces the platform's; nil does not.
	Ladder *Ladder `gorm:"serializer:json"`
	State  ResourceState
	// FeedVersion is the product's number of the newest change; 0 when it gives none.
	FeedVersion int64
	// Reached is the rank of the newest rung that was dealt with: reminded of, skipped,
	// or over when the deadline was set. See schedule.Rung.
	Reached int64
	// NextAt is when its workflow acts next; nil when no reminder is left.
	NextAt  *time.Time
	Version int64
	Timestamps
}

// ResourceState is what a product says of its resource.
type ResourceState string

// States of a resource. Whether it has expired is a matter of the clock.
const (
	ResourceActive       ResourceState = "active"
	ResourceWillNotRenew ResourceState = "will_not_renew" // one notice is left: the one at expiry
	ResourceReleased     ResourceState = "released"
	ResourceDeleted      ResourceState = "deleted" // the product forgot it; kept so that an old feed does not bring it back
)

// ResourceLife is the life of a resource.
func ResourceLife() Life[ResourceState] {
	return Life[ResourceState]{
		{"", EventAccept, ResourceActive, AtRung, "registered"},
		{"", EventStop, ResourceWillNotRenew, AtRung, "registered so"},
		{"", EventRelease, ResourceReleased, Never, "registered so"},
		{"", EventForget, ResourceDeleted, Never, "deleted before it was known; an older version does not bring it in"},
		{ResourceActive, EventChange, ResourceActive, AtRung, "other ends, another ladder, another zone of the account"},
		{ResourceActive, EventRemind, ResourceActive, AtRung, "a rung is due: one message of all that is due in the account"},
		{ResourceActive, EventStop, ResourceWillNotRenew, AtRung, "its product says so; one notice is left"},
		{ResourceActive, EventRelease, ResourceReleased, Never, "its product says so, or the notice at the release was sent"},
		{ResourceActive, EventForget, ResourceDeleted, Never, ""},
		{ResourceWillNotRenew, EventChange, ResourceWillNotRenew, AtRung, "other ends, another zone of the account"},
		{ResourceWillNotRenew, EventRemind, ResourceWillNotRenew, AtRung, "the notice at its expiry"},
		{ResourceWillNotRenew, EventRenew, ResourceActive, AtRung, ""},
		{ResourceWillNotRenew, EventRelease, ResourceReleased, Never, "its product says so"},
		{ResourceWillNotRenew, EventForget, ResourceDeleted, Never, ""},
		{ResourceReleased, EventRenew, ResourceActive, AtRung, "with a release that is not over"},
		{ResourceReleased, EventStop, ResourceWillNotRenew, AtRung, "renewed, but not again"},
		{ResourceReleased, EventForget, ResourceDeleted, Never, ""},
		{ResourceDeleted, EventAccept, ResourceActive, AtRung, "registered anew, with a newer version"},
		{ResourceDeleted, EventStop, ResourceWillNotRenew, AtRung, "registered anew so, with a newer version"},
		{ResourceDeleted, EventRelease, ResourceReleased, Never, "registered anew so, with a newer version"},
	}
}

// Reminds reports whether a resource in the state is reminded of at all.
func (s ResourceState) Reminds() bool {
	return s == ResourceActive || s == ResourceWillNotRenew
}

// Ladder is how long before its ends a resource is reminded of, each list longest
// first and without duplicates. Whole days count by the account's calendar.
type Ladder struct {
	Expiry  []Span `json:"expiry,omitempty"`  // nil means the platform's
	Release []Span `json:"release,omitempty"` // nil means the platform's
}

// Span is a length of time in seconds.
type Span int64

// Bounds of a ladder.
const (
	MaxSpan  = 400 * Day
	MaxRungs = 10 // of each list
	Day      = Span(24 * 60 * 60)
)

// units of spans, the longest first.
var units = []struct {
	letter byte
	span   Span
}{{'d', Day}, {'h', 3600}, {'m', 60}, {'s', 1}}

// ParseSpan reads a whole number with one unit: "30d", "36h", "90m", "10s". It
// returns false for anything else, for nothing, and for more than MaxSpan.
func ParseSpan(text string) (Span, bool) {
	for _, u := range units {
		number, found := strings.CutSuffix(text, string(u.letter))
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		span := Span(n) * u.span
		return span, err == nil && number == strconv.FormatUint(n, 10) && span > 0 && span <= MaxSpan
	}
	return 0, false
}

// String is the span in its longest whole unit; ParseSpan reads it.
func (s Span) String() string {
	for _, u := range units {
		if s%u.span == 0 {
			return strconv.FormatInt(int64(s/u.span), 10) + string(u.letter)
		}
	}
	return ""
}

// Duration is the span as a duration.
func (s Span) Duration() time.Duration { return time.Duration(s) * time.Second }

// WholeDays is the number of days, and whether the span is nothing but days.
func (s Span) WholeDays() (int, bool) { return int(s / Day), s%Day == 0 }

// Reminder is a rung that was dealt with: at most one for each resource, deadline
// and rung.
type Reminder struct {
	ResourceID string `gorm:"primaryKey"`
	// Deadline is what the rung counts to: the expiry or the release of then.
	Deadline  time.Time `gorm:"primaryKey"`
	Rung      string    `gorm:"primaryKey"`
	AccountID AccountID
	DueAt     time.Time
	// NotificationID is what told of it; "" when the message type or the account was
	// disabled.
	NotificationID string
	CreatedAt      time.Time
}

// Key names what may happen once: "<resource>/<deadline>/<rung>".
func (r Reminder) Key() string {
	return r.ResourceID + "/" + r.Deadline.UTC().Format("20060102T150405.000000Z") + "/" + r.Rung
}
