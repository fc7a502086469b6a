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
	// Sample is how many open notifications are looked up to learn whether the
	// engine has lost its memory: 5 of each status.
	Sample int
}

func (c ReconcileConfig) withDefaults() ReconcileConfig {
	c.Interval = cmp.Or(c.Interval, 30*time.Second)
	c.Grace = cmp.Or(c.Grace, time.Minute)
	c.Batch = cmp.Or(c.Batch, 200)
	c.Sample = cmp.Or(c.Sample, 5)
	return c
}

// Ledger knows which notifications and other subjects of workflows are open.
type Ledger interface {
	// Now is the clock that its times are of.
	Now() time.Time
	OverdueNotifications(ctx context.Context, grace time.Duration, limit int) ([]models.Notification, error)
	OpenNotifications(ctx context.Context, status models.NotificationStatus, after models.Notification, limit int) ([]models.Notification, error)
	SubjectKinds() []models.SubjectKind
	OverdueSubjects(ctx context.Context, kind models.SubjectKind, grace time.Duration, limit int) ([]models.Due, error)
	OpenSubjects(ctx context.Context, kind models.SubjectKind, after models.Due, limit int) ([]models.Due, error)
}

// Watcher knows which workflows run.
type Watcher interface {
	StartNotification(ctx context.Context, account models.AccountID, id string) error
	NotificationRuns(ctx context.Context, id string) (bool, error)
	WakeSubject(ctx context.Context, s models.Subject) error
	SubjectRuns(ctx context.Context, s models.Subject) (bool, error)
}

// reconciler starts the workflows of open notifications that have none: because
// one was ended by hand, or because the engine lost its memory. It costs next to
// nothing while all is well: it looks at what is late, and at a few others.
type reconciler struct {
	cfg    ReconcileConfig
	ledger Ledger
	engine Watcher
	log    *slog.Logger
}

func newReconciler(cfg ReconcileConfig, l Ledger, e Watcher, log *slog.Logger) *reconciler {
	return &reconciler{cfg: cfg.withDefaults(), ledger: l, engine: e, log: log}
}

func (r *reconciler) run(ctx context.Context) { every(ctx, r.cfg.Interval, r.reconcile) }

func (r *reconciler) reconcile(ctx context.Context) {
	if err := r.startOverdue(ctx); err != nil {
		r.report(ctx, err)
		return
	}
	lost, err := r.lostAny(ctx)
	if err == nil && lost {
		r.log.WarnContext(ctx, "workflows of open notifications are missing; starting all of them again")
		err = r.startAll(ctx)
	}
	for _, kind := range r.ledger.SubjectKinds() {
		if err == nil {
			err = r.reconcileSubjects(ctx, kind)
		}
	}
	r.report(ctx, err)
}

// startOverdue starts what should have moved. What runs already stays.
func (r *reconciler) startOverdue(ctx context.Context) error {
	late, err := r.ledger.OverdueNotifications(ctx, r.cfg.Grace, r.cfg.Batch)
	if err != nil {
		return err
	}
	return r.start(ctx, late)
}

// start starts those that do not run. Starting one that does is refused, but leaves a
// history behind that the embedded server never removes.
func (r *reconciler) start(ctx context.Context, list []models.Notification) error {
	for _, n := range list {
		if waits(n) {
			continue
		}
		runs, err := r.engine.NotificationRuns(ctx, n.ID)
		if err == nil && !runs {
			err = r.engine.StartNotification(ctx, n.AccountID, n.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// waits reports whether the notification's row in the outbox has it started: it stays
// there until recipients were chosen, and thousands may wait there for their turn.
func waits(n models.Notification) bool {
	return n.Status == models.StatusPending && n.PlannedAt == nil
}

func statuses() []models.NotificationStatus {
	return []models.NotificationStatus{models.StatusPending, models.StatusScheduled}
}

// lostAny looks a few open notifications up. Those that were accepted just now
// may not have been started yet.
func (r *reconciler) lostAny(ctx context.Context) (bool, error) {
	for _, status := range statuses() {
		some, err := r.ledger.OpenNotifications(ctx, status, models.Notification{}, r.cfg.Sample)
		if err != nil {
			return false, err
		}
		for _, n := range some {
			if waits(n) || r.ledger.Now().Sub(n.CreatedAt) < r.cfg.Grace {
				continue
			}
			runs, err := r.engine.NotificationRuns(ctx, n.ID)
			if err != nil || !runs {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// startAll goes through all open notifications, those that expire first before
// others.
func (r *reconciler) startAll(ctx context.Context) error {
	for _, status := range statuses() {
		var last models.Notification
		for {
			page, err := r.ledger.OpenNotifications(ctx, status, last, r.cfg.Batch)
			if err != nil {
				return err
			}
			if err := r.start(ctx, page); err != nil {
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

func (r *reconciler) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "reconciler could not finish; it tries again", "error", err)
	}
}
