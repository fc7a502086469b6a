// Package work is what all activities work with: the clock, the catalogue and its texts, the
// adapters, counting, and how a failure is told to the engine.
package work

import (
	"context"
	"log/slog"
	"time"

	"belfry.dev/belfry/activities/config"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// Types is what notices need of the database.
type Types interface {
	CurrentMessageType(ctx context.Context, key string) (models.MessageType, error)
	AccountLanguage(ctx context.Context, account models.AccountID) (string, error)
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
	// Receipt returns the absolute address where the provider of the attempt may post what
	// became of it; "" when the deployment has none that providers reach.
	Receipt(a models.Attempt) string
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

// Uncounted is for those who do not count.
type Uncounted struct{}

// Submitted counts nothing.
func (Uncounted) Submitted(models.Notification, time.Duration) {}

// Attempted counts nothing.
func (Uncounted) Attempted(models.Channel, string, string, time.Duration) {}

// Ended counts nothing.
func (Uncounted) Ended(models.Notification, models.Delivery, time.Time) {}

// Work is what all activities work with.
type Work struct {
	Types    Types
	Channels Channels
	Links    Links
	// Renderer makes the texts, for the platform's site.
	Renderer *catalog.Renderer
	Clock    func() time.Time
	Logger   *slog.Logger
	Meter    Meter
	Config   config.Config
}

// Now is UTC in microseconds, as the database keeps times.
func (w *Work) Now() time.Time { return w.Clock().UTC().Truncate(time.Microsecond) }

// Ahead returns the instant and how long it is from now. What is over is left
// out: the workflow's clock lags a little behind, and waiting for milliseconds
// takes a timer and a second.
func (w *Work) Ahead(at time.Time) (time.Time, time.Duration) {
	left := at.Sub(w.Now())
	if left <= 0 {
		return time.Time{}, 0
	}
	return at, left
}
