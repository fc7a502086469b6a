// Package activities is the work that workflows order: choose recipients, make
// one attempt of a delivery, settle a notification. Rules live in models; what is
// here reads, calls and records. Every activity may run twice for one order: what
// is recorded in the database decides what is left to do.
package activities

import (
	"context"
	"log/slog"
	"time"

	"belfry.dev/belfry/activities/bulkhead"
	"belfry.dev/belfry/activities/config"
	"belfry.dev/belfry/activities/queue"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// Store is what the activities need of the database.
type Store interface {
	OpenNotification(ctx context.Context, account models.AccountID, id string) (models.Notification, error)
	NotificationTargets(ctx context.Context, account models.AccountID, typeKey string) (models.Targets, error)
	QuotasUsed(ctx context.Context, account models.AccountID, keys []string) (map[string]int, error)
	PlanNotification(ctx context.Context, account models.AccountID, id string, plans ...models.Plan) (models.Progress, error)
	SettleNotification(ctx context.Context, account models.AccountID, id string) (models.Progress, error)
	Dispatch(ctx context.Context, account models.AccountID, deliveryID string) (models.Dispatch, error)
	DispatchEnvelope(ctx context.Context, account models.AccountID, id string, now time.Time) (models.Dispatch, error)
	CloseEnvelope(ctx context.Context, e models.Envelope, in []models.Part, limits map[string][]models.Quota) ([]models.Part, error)
	BeginAttempt(ctx context.Context, a models.Attempt, notification string, merged ...string) (bool, error)
	DestinationOpen(ctx context.Context, destination string) (bool, error)
	WithdrawAttempt(ctx context.Context, a models.Attempt, notification string, before ...models.Delivery) error
	FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error)
	SettleDelivery(ctx context.Context, d models.Delivery, heirs models.Heirs) (models.Progress, error)
	HoldDelivery(ctx context.Context, d models.Delivery, expires time.Time) (models.Progress, error)
	MessageTypeVersion(ctx context.Context, key string, version int64) (models.MessageType, error)
	CurrentMessageType(ctx context.Context, key string) (models.MessageType, error)
	AccountLanguage(ctx context.Context, account models.AccountID) (string, error)
	Announcements
	queue.Slots
	Retain(ctx context.Context, kind models.RetentionKind, after string) (models.Retained, error)
	Resource(ctx context.Context, account models.AccountID, id string) (models.Resource, error)
	DueResources(ctx context.Context, account models.AccountID, limit int) (models.DueResources, error)
	Remind(ctx context.Context, account models.AccountID, r models.Reminding) (bool, error)
	Invitations
}

// Channels is what the activities need of the channel adapters.
type Channels interface {
	Sender(kind string) (channels.Sender, bool)
	Route(p models.Provider, secrets map[string]string, bot *models.Bot, botSecrets map[string]string) (channels.Sender, channels.Target, error)
	Descriptors() []channels.Descriptor
}

// Links makes the links that only one recipient gets.
type Links interface {
	// Unsubscribe returns the absolute address of the one-click unsubscription;
	// "" when the deployment has no public address.
	Unsubscribe(account models.AccountID, addressKey, typeKey string) string
	// Verify returns the absolute address of the page that proves an address; "" when
	// the deployment has no public address.
	Verify(token string) string
}

// Meter counts what the activities did. Where two workers were at the same delivery
// it may be counted twice.
type Meter interface {
	// Submitted counts an accepted notification; took is from its acceptance to the
	// commit.
	Submitted(n models.Notification, took time.Duration)
	// Attempted counts a call to a provider that has an outcome; took is 0 when
	// nobody knows.
	Attempted(channel models.Channel, outcome, reason string, took time.Duration)
	// Ended counts a delivery that is final, and the notification that it is of.
	Ended(n models.Notification, d models.Delivery, at time.Time)
}

// uncounted is for those who do not count.
type uncounted struct{}

func (uncounted) Submitted(models.Notification, time.Duration)            {}
func (uncounted) Attempted(models.Channel, string, string, time.Duration) {}
func (uncounted) Ended(models.Notification, models.Delivery, time.Time)   {}

// Dependencies are what Activities works with; all are required but Now, Logger and
// Meter.
type Dependencies struct {
	Store    Store
	Channels Channels
	Links    Links
	// Renderer makes the texts, for the platform's site.
	Renderer *catalog.Renderer
	// Now is the clock; nil means the system's.
	Now func() time.Time
	// Logger gets warnings without personal data; nil means none.
	Logger *slog.Logger
	// Meter counts; nil does not.
	Meter Meter
}

// Config bounds the work.
type Config = config.Config

// Activities holds what all activities share.
type Activities struct {
	Dependencies
	cfg      Config
	bulkhead *bulkhead.Bulkhead
}

// New returns the activities. Zero values of the configuration mean defaults.
func New(cfg Config, d Dependencies) *Activities {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Meter == nil {
		d.Meter = uncounted{}
	}
	if d.Channels == nil {
		d.Channels = &channels.Registry{}
	}
	cfg = cfg.WithDefaults(d.Channels.Descriptors())
	return &Activities{Dependencies: d, cfg: cfg, bulkhead: bulkhead.New(cfg.Concurrency, cfg.SlowAfter)}
}

// now is UTC in microseconds, as the database keeps times.
func (a *Activities) now() time.Time { return a.Now().UTC().Truncate(time.Microsecond) }
