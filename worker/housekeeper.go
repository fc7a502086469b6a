package worker

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
)

// HousekeepConfig tunes what happens now and then. Zero values mean defaults.
type HousekeepConfig struct {
	// PurgeInterval is the time between deletions of expired rows: 10 min.
	PurgeInterval time.Duration
	// KeepExpired is how long expired rows are kept: 1 h, more than clocks differ.
	KeepExpired time.Duration
	// SealInterval is the time between seals of the operation logs: 1 min.
	SealInterval time.Duration
	// ComposeInterval is the time between batches of rows of earlier releases, as long as
	// there are any: 1 s.
	ComposeInterval time.Duration
}

func (c HousekeepConfig) withDefaults() HousekeepConfig {
	c.PurgeInterval = cmp.Or(c.PurgeInterval, 10*time.Minute)
	c.KeepExpired = cmp.Or(c.KeepExpired, time.Hour)
	c.SealInterval = cmp.Or(c.SealInterval, time.Minute)
	c.ComposeInterval = cmp.Or(c.ComposeInterval, time.Second)
	return c
}

// Attic keeps what is stored in order.
type Attic interface {
	// Purge deletes what nobody needs any more and returns how many rows that were.
	Purge(ctx context.Context, keep time.Duration) (int64, error)
	// Compose brings some rows of earlier releases into the form of today, and reports
	// whether any may be left.
	Compose(ctx context.Context) (left bool, err error)
}

// housekeeper deletes expired rows, seals operation logs, and brings rows of earlier
// releases into the form of today. Several at once do no harm.
type housekeeper struct {
	cfg   HousekeepConfig
	attic Attic
	seal  func(context.Context) error
	log   *slog.Logger
}

func newHousekeeper(cfg HousekeepConfig, a Attic, seal func(context.Context) error, log *slog.Logger) *housekeeper {
	return &housekeeper{cfg: cfg.withDefaults(), attic: a, seal: seal, log: log}
}

func (h *housekeeper) run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { every(ctx, h.cfg.PurgeInterval, h.purge) })
	loops.Go(func() { h.compose(ctx) })
	if h.seal != nil {
		loops.Go(func() { every(ctx, h.cfg.SealInterval, h.sealAll) })
	}
	loops.Wait()
}

// compose ends when no rows of earlier releases are left.
func (h *housekeeper) compose(ctx context.Context) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	every(ctx, h.cfg.ComposeInterval, func(ctx context.Context) {
		switch left, err := h.attic.Compose(ctx); {
		case err != nil && ctx.Err() == nil:
			h.log.WarnContext(ctx, "cannot bring stored texts into the form of this release; trying again", "error", err)
		case err == nil && !left:
			end()
		}
	})
}

func (h *housekeeper) purge(ctx context.Context) {
	n, err := h.attic.Purge(ctx, h.cfg.KeepExpired)
	switch {
	case err != nil && ctx.Err() == nil:
		h.log.WarnContext(ctx, "cannot delete expired rows; trying again later", "error", err)
	case n > 0:
		h.log.DebugContext(ctx, "deleted expired rows", "rows", n)
	}
}

func (h *housekeeper) sealAll(ctx context.Context) {
	if err := h.seal(ctx); err != nil && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "cannot seal operation logs; trying again later", "error", err)
	}
}
