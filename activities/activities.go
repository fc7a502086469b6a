// Package activities is the work that workflows order: choose recipients, make
// one attempt of a delivery, settle a notification. Rules live in models; what is
// here reads, calls and records. Every activity may run twice for one order: what
// is recorded in the database decides what is left to do.
package activities

import (
	"context"
	"log/slog"
	"time"

	"belfry.dev/belfry/activities/config"
	"belfry.dev/belfry/activities/delivering"
	"belfry.dev/belfry/activities/planning"
	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// Store is what the activities need of the database.
type Store interface {
	planning.Store
	delivering.Store
	work.Types
	PlanNotification(ctx context.Context, account models.AccountID, id string, plans ...models.Plan) (models.Progress, error)
	PlanBeforeStart(ctx context.Context, account models.AccountID, id string, plans ...models.Plan) (models.Progress, error)
	SettleNotification(ctx context.Context, account models.AccountID, id string) (models.Progress, error)
	Announcements
	Reminders
	Invitations
	Retain(ctx context.Context, kind models.RetentionKind, after string) (models.Retained, error)
}

// Channels is what the activities need of the channel adapters.
type Channels = work.Channels

// Links makes the links that only one recipient gets.
type Links = work.Links

// Meter counts what the activities did.
type Meter = work.Meter

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
	work       *work.Work
	store      Store
	planning   *planning.Planning
	delivering *delivering.Delivering
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
		d.Meter = work.Uncounted{}
	}
	if d.Channels == nil {
		d.Channels = &channels.Registry{}
	}
	w := &work.Work{
		Types: d.Store, Channels: d.Channels, Links: d.Links, Renderer: d.Renderer, Clock: d.Now, Logger: d.Logger, Meter: d.Meter,
		Config: cfg.WithDefaults(d.Channels.Descriptors()),
	}
	return &Activities{work: w, store: d.Store, planning: &planning.Planning{Work: w, Store: d.Store}, delivering: delivering.New(w, d.Store)}
}
