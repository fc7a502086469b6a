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

// Final reports whether nothing happens to it any more, unless somebody has what failed
// sent again.
func (s NotificationStatus) Final() bool {
	return s != StatusScheduled && s != StatusPending
}

// Delivery is one notification on its way to one address over one channel. A
// suppressed one was never tried: its reason says why.
type Delivery struct {
	ID             string `gorm:"primaryKey"`
	AccountID      AccountID
	NotificationID string
	// Slot makes planning repeatable; unique in the notification:
	// "<channel>:<address, contact or bot id>", "inbox:account" for the account's inbox.
	Slot      string
	Channel   Channel
	ContactID string // "" for bots and the account's inbox
	AddressID string
	BotID     string
	// Recipient is what people read: the contact's or bot's name, kept after a deletion.
	Recipient string
	// AddressKey is the normalised address; "" for bots, whose URL is a credential.
	AddressKey string `json:"-"`
	Language   string
	// Locked marks a floor that nobody can switch off.
	Locked bool
	State  DeliveryState
	Reason string
	// Attempts is the number of the newest attempt; it fences late workers.
	Attempts      int
	NextAttemptAt *time.Time
	// ReplayOf is the delivery that this one repeats; the provider gets that id
	// as its idempotency key. "" for an original.
	ReplayOf string
	// MergedInto is the delivery that carries this one's text in its message; "" when it
	// has a message of its own. Attempts is then that delivery's newest attempt with it.
	MergedInto string
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// Key is the idempotency key that providers get: the same for every attempt and replay.
func (d Delivery) Key() string {
	if d.ReplayOf != "" {
		return d.ReplayOf
	}
	return d.ID
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// States of a delivery. All but pending are final, but for accepted: a receipt
// may still settle it.
const (
	DeliveryPending    DeliveryState = "pending"
	DeliveryDelivered  DeliveryState = "delivered"
	DeliveryFailed     DeliveryState = "failed"
	DeliveryCancelled  DeliveryState = "cancelled"
	DeliverySuppressed DeliveryState = "suppressed"
)

// Final reports whether the state never changes any more.
func (s DeliveryState) Final() bool { return s != DeliveryPending }

// Attempt is one call to a provider. The row is written before the call; its
// outcome after. An attempt whose worker died stays without a known outcome.
type Attempt struct {
	AccountID  AccountID
	DeliveryID string `gorm:"primaryKey"`
	// Number counts from 1 in each delivery.
	Number     int `gorm:"primaryKey;autoIncrement:false"`
	ProviderID string
	// Provider is the provider's name, kept after a deletion.
	Provider   string
	StartedAt  time.Time
	FinishedAt *time.Time
	// Outcome is a class of channels, "" while the call is under way, and
	// "unknown" when nobody can tell any more.
	Outcome string
	Reason  string
	// ProviderCode and ProviderMessage are the provider's own words, cut to 64
	// and 1,024 bytes, without control characters and secrets.
	ProviderCode    string
	ProviderMessage string
	// ProviderRef is the provider's id of the message.
	ProviderRef string
}

// Message is what stands in an inbox: the text as it was rendered.
type Message struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Owner is "" for the account's inbox and the user's id for a personal one.
	Owner string
	// Seq orders one inbox: later messages have greater numbers, without regard
	// to the clock; it is also the bound of "all that I have seen".
	Seq            int64
	NotificationID string
	Type           string
	Category       string
	Severity       Severity
	Language       string
	Title          string
	Body           string
	Link           string
	// SearchText is Fold of the title and the body: text filters look here.
	SearchText string `json:"-"`
	// ReadState leads the indexes of the unread lists and counts; the database
	// holds it to ReadAt.
	ReadState ReadState
	// ReadAt, ReadBy and ReadByName say who read it first and when: a user's id
	// and name, kept after a deletion.
	ReadAt     *time.Time
	ReadBy     string
	ReadByName string
	// Repeats and RepeatedAt are the notification's.
	Repeats    int64
	RepeatedAt *time.Time
	// CreatedAt never runs backwards along Seq in one inbox, whatever the clocks
	// of the processes say; so a range of time is a range of Seq.
	CreatedAt time.Time
}
