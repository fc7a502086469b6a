package worker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/tracing"
)

// DispatchConfig tunes the dispatcher. Zero values mean defaults.
type DispatchConfig struct {
	// Interval is the time between looks into the outbox: 1 s.
	Interval time.Duration
	// Batch bounds the rows taken at once: 100.
	Batch int
	// Lease is when a row is tried again that could not be done: 5 s.
	Lease time.Duration
	// PlanWithin is when a notification that was started, but not planned, is
	// started again: 1 min.
	PlanWithin time.Duration
	// Calls bounds the calls to the engine at the same time: 8.
	Calls int
}

func (c DispatchConfig) withDefaults() DispatchConfig {
	c.Interval = cmp.Or(c.Interval, time.Second)
	c.Batch = cmp.Or(c.Batch, 100)
	c.Lease = cmp.Or(c.Lease, 5*time.Second)
	c.PlanWithin = cmp.Or(c.PlanWithin, time.Minute)
	c.Calls = cmp.Or(c.Calls, 8)
	return c
}

// Outbox holds what the workflow engine must be told.
type Outbox interface {
	ClaimOutbox(ctx context.Context, lease time.Duration, limit int) ([]models.OutboxRow, error)
	ReleaseOutbox(ctx context.Context, done models.OutboxRow, planWithin time.Duration) error
	ClaimWakeups(ctx context.Context, lease time.Duration, limit int) ([]models.Wakeup, error)
	ReleaseWakeups(ctx context.Context, done []models.Wakeup) error
}

// Starter tells the engine.
type Starter interface {
	StartNotification(ctx context.Context, account models.AccountID, id string) error
	CancelNotification(ctx context.Context, account models.AccountID, id string) error
	WakeNotification(ctx context.Context, account models.AccountID, id string) error
	// WakeSubject makes the subject's workflow look at its row, and starts it when
	// it does not run.
	WakeSubject(ctx context.Context, s models.Subject) error
}

// dispatcher tells the engine what the process that committed could not. Every
// call may be made twice without harm.
type dispatcher struct {
	cfg    DispatchConfig
	outbox Outbox
	engine Starter
	log    *slog.Logger
	// failing remembers that the engine did not answer, to say so once.
	failing bool
}

func newDispatcher(cfg DispatchConfig, o Outbox, e Starter, log *slog.Logger) *dispatcher {
	return &dispatcher{cfg: cfg.withDefaults(), outbox: o, engine: e, log: log}
}

// soon is the time to the next look while announcements keep the engine busy.
const soon = 100 * time.Millisecond

func (d *dispatcher) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			timer.Reset(d.drain(ctx))
		}
	}
}

// drain works until nothing is due or something fails, and returns when to look
// again. What is due of either kind is handled in turns: neither waits until there is
// nothing of the other.
func (d *dispatcher) drain(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		rows, err := d.start(ctx)
		var wakeups []models.Wakeup
		if err == nil {
			wakeups, err = d.wake(ctx)
		}
		d.report(ctx, err)
		switch {
		case err != nil:
			return d.cfg.Interval
		case len(rows) == d.cfg.Batch || len(wakeups) == d.cfg.Batch:
		case slices.ContainsFunc(rows, func(r models.OutboxRow) bool { return r.Lane == models.LaneBulk }):
			return min(soon, d.cfg.Interval)
		default:
			return d.cfg.Interval
		}
	}
	return d.cfg.Interval
}

// start tells the engine of notifications once.
func (d *dispatcher) start(ctx context.Context) ([]models.OutboxRow, error) {
	rows, err := d.outbox.ClaimOutbox(ctx, d.cfg.Lease, d.cfg.Batch)
	if err != nil {
		return nil, err
	}
	return rows, handleAll(ctx, d.cfg.Calls, rows, d.dispatch)
}

// handleAll handles the rows, some at the same time. After the first error it
// begins no more: while the engine is down every call lasts until its time-out,
// and rows that are left come due again.
func handleAll[Row any](ctx context.Context, most int, rows []Row, handle func(context.Context, Row) error) error {
	var calls errgroup.Group
	calls.SetLimit(most)
	var failed atomic.Bool
	for _, row := range rows {
		calls.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := handle(ctx, row)
			if err != nil {
				failed.Store(true)
			}
			return err
		})
	}
	return calls.Wait()
}

func (d *dispatcher) dispatch(ctx context.Context, row models.OutboxRow) error {
	var tell func(context.Context, models.AccountID, string) error
	switch row.Kind {
	case models.DispatchStart:
		tell = d.engine.StartNotification
	case models.DispatchCancel:
		tell = d.engine.CancelNotification
	case models.DispatchWake:
		tell = d.engine.WakeNotification
	}
	if err := tell(tracing.Resume(ctx, row.Trace), row.AccountID, row.NotificationID); err != nil {
		return err
	}
	return d.outbox.ReleaseOutbox(ctx, row, d.cfg.PlanWithin)
}

// releasedAtOnce is how many wake-ups are released together: few enough for their lease.
const releasedAtOnce = 32

// wake has the engine told of wake-ups once.
func (d *dispatcher) wake(ctx context.Context) ([]models.Wakeup, error) {
	rows, err := d.outbox.ClaimWakeups(ctx, d.cfg.Lease, d.cfg.Batch)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(rows, releasedAtOnce) {
		if err := d.wakeAll(ctx, some); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// wakeAll tells the engine of the wake-ups, and releases those that it knows of.
func (d *dispatcher) wakeAll(ctx context.Context, rows []models.Wakeup) error {
	var mu sync.Mutex
	var done []models.Wakeup
	err := handleAll(ctx, d.cfg.Calls, rows, func(ctx context.Context, w models.Wakeup) error {
		if err := d.engine.WakeSubject(ctx, w.Subject()); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		done = append(done, w)
		return nil
	})
	return errors.Join(err, d.outbox.ReleaseWakeups(ctx, done))
}

// report logs a trouble when it begins and when it is over.
func (d *dispatcher) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && !d.failing:
		d.failing = true
		d.log.WarnContext(ctx, "dispatcher cannot work; it goes on trying", "error", err)
	case err == nil && d.failing:
		d.failing = false
		d.log.InfoContext(ctx, "dispatcher works again")
	}
}
