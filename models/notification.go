package models

import "time"

// Notification is one submission about one account, of one message type.
type Notification struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Type is the message type's key, TypeVersion the version that was
	// accepted: everything is rendered from that one.
	Type        string
	TypeVersion int64
	Category    string
	Severity    Severity
	Source      Source
	// ProductID is the submitting product; "" when the source is another.
	ProductID string
	// SubjectID is the row that made it: the invitation, for source invitation; the
	// resource, or the first of several, for source reminder; "" when the source says
	// everything.
	SubjectID string
	// Language is the account's when it was accepted.
	Language  string
	Variables map[string]string `gorm:"serializer:json"`
	// Link is absolute http(s) or relative to the site; "" for none.
	Link           string
	ExternalID     string
	IdempotencyKey string
	// Fingerprint is the SHA-256 of the submission in canonical form.
	Fingerprint []byte `json:"-"`
	// MergedWith are the ids of the notifications whose messages to one recipient leave
	// as one, this one's among them, the most urgent first; nil when it stands alone.
	MergedWith []string `gorm:"serializer:json"`
	// DedupKey names what events of the type are equal; "" for none.
	DedupKey string
	// Repeats are the equal events that came after it and count on it; RepeatedAt is
	// when the newest did, nil before the first.
	Repeats    int64
	RepeatedAt *time.Time
	Status     NotificationStatus
	// Reason says why the status is failed, cancelled or expired; "" otherwise.
	Reason string
	// ScheduleAt is when it is due; nil means at once.
	ScheduleAt *time.Time
	// ExpiresAt ends its life: no attempt is made after it. Never nil: the
	// message type's deadline bounds it.
	ExpiresAt time.Time
	// CancelledAt is when somebody asked to cancel; nothing is begun after it.
	CancelledAt *time.Time
	// PlannedAt is when recipients were chosen; nil before.
	PlannedAt  *time.Time
	FinishedAt *time.Time
	CreatedAt  time.Time
}

// Severity orders notifications: critical ones ignore quiet hours and caps.
type Severity string

// Severities.
const (
	SeverityInfo     Severity = "info"
	SeverityWarning  Severity = "warning"
	SeverityCritical Severity = "critical"
)

// Source is what a notification came from.
type Source string

// Sources.
const (
	SourceProduct  Source = "product"
	SourcePlatform Source = "platform"
	// SourceInvitation asks for the proof of one address: it goes there and nowhere
	// else, not into an inbox either.
	SourceInvitation Source = "invitation"
	// SourceAnnouncement is one account's part of an announcement, which SubjectID
	// names.
	SourceAnnouncement Source = "announcement"
	// SourceReminder says that resources expire or are released.
	SourceReminder Source = "reminder"
)

// NotificationStatus sums up a notification's deliveries.
type NotificationStatus string

// Statuses of a notification. The last five are final.
const (
	StatusScheduled NotificationStatus = "scheduled" // waits for its time
	StatusPending   NotificationStatus = "pending"   // accepted, deliveries open
	StatusDelivered NotificationStatus = "delivered" // nothing that was tried failed
	StatusPartial   NotificationStatus = "partial"   // some delivered, some failed
	StatusFailed    NotificationStatus = "failed"    // all outward deliveries failed; the inbox has it
	StatusCancelled NotificationStatus = "cancelled"
	StatusExpired   NotificationStatus = "expired" // its time to live ended before anything went out
)

// NotificationLife is its life. Which of the events sums up its deliveries, SumUp says.
func NotificationLife() Life[NotificationStatus] {
	return Life[NotificationStatus]{
		{"", EventAccept, StatusPending, AtOnce, ""},
		{"", EventSchedule, StatusScheduled, AtSchedule, "accepted with `schedule_at` in the future"},
		{StatusScheduled, EventPlan, StatusPending, AtDeliveries, "due; recipients are chosen"},
		{StatusScheduled, EventDeliver, StatusDelivered, Never, "due; nobody to write to"},
		{StatusScheduled, EventCancel, StatusCancelled, Never, "before it was due"},
		{StatusScheduled, EventExpire, StatusExpired, Never, "its time to live ended"},
		{StatusPending, EventPlan, StatusPending, AtDeliveries, "recipients are chosen"},
		{StatusPending, EventDeliver, StatusDelivered, Never, "nothing that was tried failed"},
		{StatusPending, EventDeliverSome, StatusPartial, Never, "some delivered, some not"},
		{StatusPending, EventFail, StatusFailed, Never, "nothing delivered, something failed"},
		{StatusPending, EventCancel, StatusCancelled, Never, "nothing delivered or failed, something cancelled"},
		{StatusPending, EventExpire, StatusExpired, Never, "nothing went out in time"},
		{StatusPartial, EventResend, StatusPending, AtOnce, ""},
		{StatusFailed, EventResend, StatusPending, AtOnce, ""},
		{StatusDelivered, EventFail, StatusFailed, Never, "a receipt says so"},
		{StatusDelivered, EventDeliverSome, StatusPartial, Never, "a receipt says so"},
		{StatusPartial, EventFail, StatusFailed, Never, "a receipt says so"},
		{StatusPartial, EventDeliver, StatusDelivered, Never, "a late receipt says so"},
		{StatusFailed, EventDeliver, StatusDelivered, Never, "a late receipt says so"},
		{StatusFailed, EventDeliverSome, StatusPartial, Never, "a late receipt says so"},
	}
}

// Final reports whether nothing happens to it any more, but for resends and receipts.
func (s NotificationStatus) Final() bool {
	return s != StatusScheduled && s != StatusPending
}

// Acceptance is a notification on its way into the database.
type Acceptance struct {
	Notification Notification
	// Inbox is the message of the account's inbox. A scheduled notification
	// gets its message when it is due; the value is then not used.
	Inbox Rendered
	// DedupWindow is how long equal events count on the notification, if it has a key.
	DedupWindow time.Duration
	// Instead stand in the account's inbox in place of Inbox, made by MessageOf: nil for the
	// usual one message, empty where its text stands in the message of the notification that
	// it is merged with. A scheduled notification has none.
	Instead []Message
}

// Messages are those of the account's inbox, for the notification as it is stored.
func (a Acceptance) Messages(n Notification) []Message {
	if a.Instead == nil {
		return []Message{MessageOf(n, "", a.Inbox)}
	}
	messages := make([]Message, len(a.Instead))
	for i, m := range a.Instead {
		m.NotificationID = n.ID
		messages[i] = m
	}
	return messages
}

// Progress is where a notification stands.
type Progress struct {
	Status NotificationStatus
	// Pending are the deliveries that are not final and in no other's envelope, oldest first.
	Pending []Delivery
	// Ended are those that ended now, with the envelope that they were in.
	Ended []Delivery
}
