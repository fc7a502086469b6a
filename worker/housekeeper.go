package worker

import (
	"cmp"
	"context"
	"log/slog"
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
}

func (c HousekeepConfig) withDefaults() HousekeepConfig {
	c.PurgeInterval = cmp.Or(c.PurgeInterval, 10*time.Minute)
	c.KeepExpired = cmp.Or(c.KeepExpired, time.Hour)
	c.SealInterval = cmp.Or(c.SealInterval, time.Minute)
	return c
}

// Attic deletes what nobody needs any more and returns how many rows that were.
type Attic interface {
	Purge(ctx context.Context, keep time.Duration) (int64, error)
}

// housekeeper deletes expired rows and seals operation logs. Several at once do
// no harm.
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
	if h.seal == nil {
		every(ctx, h.cfg.PurgeInterval, h.purge)
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		every(ctx, h.cfg.SealInterval, h.sealAll)
	}()
	every(ctx, h.cfg.PurgeInterval, h.purge)
	<-done
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
