package worker

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"belfry.dev/belfry/models"
)

// ReconcileConfig tunes the reconciler. Zero values mean defaults.
type ReconcileConfig struct {
	// Interval is the time between looks: 30 s.
	Interval time.Duration
	// Grace is how late something may be before it counts as stuck: 1 min.
	Grace time.Duration
	// Batch bounds what is read at once: 200.
	Batch int
	// Sample is how many open entities are looked up to learn whether the engine has
	// lost its memory: 5 of each kind and status.
	Sample int
}

func (c ReconcileConfig) withDefaults() ReconcileConfig {
	c.Interval = cmp.Or(c.Interval, 30*time.Second)
	c.Grace = cmp.Or(c.Grace, time.Minute)
	c.Batch = cmp.Or(c.Batch, 200)
	c.Sample = cmp.Or(c.Sample, 5)
	return c
}

// Ledger knows which entities are open.
type Ledger interface {
	// Now is the clock that its times are of.
	Now() time.Time
	OverdueEntities(ctx context.Context, t models.EntityType, grace time.Duration, limit int) ([]models.Due, error)
	OpenEntities(ctx context.Context, t models.EntityType, status string, after models.Due, limit int) ([]models.Due, error)
}

// Watcher knows which workflows run.
type Watcher interface {
	Starter
	Runs(ctx context.Context, e models.Entity) (bool, error)
}

// reconciler starts the workflows of open entities that have none: because one was ended
// by hand, or because the engine lost its memory. It costs next to nothing while all is
// well: it looks at what is late, and at a few others.
type reconciler struct {
	cfg    ReconcileConfig
	ledger Ledger
	engine Watcher
	log    *slog.Logger
	// woken are those that were late at the last look.
	woken map[models.Entity]bool
}

func newReconciler(cfg ReconcileConfig, l Ledger, e Watcher, log *slog.Logger) *reconciler {
	return &reconciler{cfg: cfg.withDefaults(), ledger: l, engine: e, log: log}
}

func (r *reconciler) run(ctx context.Context) { every(ctx, r.cfg.Interval, r.reconcile) }

func (r *reconciler) reconcile(ctx context.Context) {
	late := map[models.Entity]bool{}
	var err error
	for _, t := range models.EntityTypes() {
		if err == nil {
			err = r.wakeOverdue(ctx, t, late)
		}
		if err == nil {
			err = r.findLost(ctx, t)
		}
	}
	r.woken = late
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "reconciler could not finish; it tries again", "error", err)
	}
}

// wakeOverdue wakes what should have moved, once for as long as it is late: the signals of
// a workflow that cannot go on would pile up in its history. One that does not run is
// started at every look.
func (r *reconciler) wakeOverdue(ctx context.Context, t models.EntityType, late map[models.Entity]bool) error {
	list, err := r.ledger.OverdueEntities(ctx, t, r.cfg.Grace, r.cfg.Batch)
	if err != nil {
		return err
	}
	for _, each := range list {
		if each.Queued {
			continue
		}
		e := entity(t, each)
		move := r.engine.Wake
		if r.woken[e] {
			move = r.startMissing
		}
		if err := move(ctx, e); err != nil {
			return err
		}
		late[e] = true
	}
	return nil
}

// startMissing starts what does not run. Starting what does is refused, but leaves a
// history behind that the embedded server never removes.
func (r *reconciler) startMissing(ctx context.Context, e models.Entity) error {
	runs, err := r.engine.Runs(ctx, e)
	if err != nil || runs {
		return err
	}
	return r.engine.Start(ctx, e)
}

// findLost looks a few open entities up. When one has no workflow, all of its kind are
// gone through.
func (r *reconciler) findLost(ctx context.Context, t models.EntityType) error {
	for _, status := range t.Statuses() {
		lost, err := r.lostAny(ctx, t, status)
		if err != nil {
			return err
		}
		if lost {
			r.log.WarnContext(ctx, "workflows are missing; starting all that do not run", "kind", t.Kind)
			return r.startAll(ctx, t)
		}
	}
	return nil
}

// lostAny reports whether one of a few has no workflow. Those that were made just now may
// not have been started yet, and those that are queued wait for their turn, by thousands.
func (r *reconciler) lostAny(ctx context.Context, t models.EntityType, status string) (bool, error) {
	some, err := r.ledger.OpenEntities(ctx, t, status, models.Due{}, r.cfg.Sample)
	if err != nil {
		return false, err
	}
	for _, each := range some {
		if each.Queued || r.ledger.Now().Sub(each.CreatedAt) < r.cfg.Grace {
			continue
		}
		runs, err := r.engine.Runs(ctx, entity(t, each))
		if err != nil || !runs {
			return err == nil, err
		}
	}
	return false, nil
}

// startAll goes through all that are open, those that act first before others.
func (r *reconciler) startAll(ctx context.Context, t models.EntityType) error {
	for _, status := range t.Statuses() {
		var last models.Due
		for {
			page, err := r.ledger.OpenEntities(ctx, t, status, last, r.cfg.Batch)
			if err != nil {
				return err
			}
			if err := r.startPage(ctx, t, page); err != nil {
				return err
			}
			if len(page) < r.cfg.Batch {
				break
			}
			last = page[len(page)-1]
		}
	}
	return nil
}

func (r *reconciler) startPage(ctx context.Context, t models.EntityType, page []models.Due) error {
	for _, each := range page {
		if each.Queued {
			continue
		}
		if err := r.startMissing(ctx, entity(t, each)); err != nil {
			return err
		}
	}
	return nil
}

func entity(t models.EntityType, d models.Due) models.Entity {
	return models.Entity{Kind: t.Kind, AccountID: d.AccountID, ID: d.ID}
}
