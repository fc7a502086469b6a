package worker

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/models"
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
}

// Starter tells the engine.
type Starter interface {
	StartNotification(ctx context.Context, account models.AccountID, id string) error
	CancelNotification(ctx context.Context, account models.AccountID, id string) error
	WakeNotification(ctx context.Context, account models.AccountID, id string) error
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

func (d *dispatcher) run(ctx context.Context) { every(ctx, d.cfg.Interval, d.drain) }

// drain works until nothing is due or something fails.
func (d *dispatcher) drain(ctx context.Context) {
	for ctx.Err() == nil {
		rows, err := d.outbox.ClaimOutbox(ctx, d.cfg.Lease, d.cfg.Batch)
		if err != nil {
			d.report(ctx, err)
			return
		}
		if err := d.dispatchAll(ctx, rows); err != nil {
			d.report(ctx, err)
			return
		}
		d.report(ctx, nil)
		if len(rows) < d.cfg.Batch {
			return
		}
	}
}

// dispatchAll handles the rows, some at the same time. After the first error it
// begins no more: while the engine is down every call lasts until its time-out,
// and rows that are left come due again.
func (d *dispatcher) dispatchAll(ctx context.Context, rows []models.OutboxRow) error {
	var calls errgroup.Group
	calls.SetLimit(d.cfg.Calls)
	var failed atomic.Bool
	for _, row := range rows {
		calls.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := d.dispatch(ctx, row)
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
	if err := tell(ctx, row.AccountID, row.NotificationID); err != nil {
		return err
	}
	return d.outbox.ReleaseOutbox(ctx, row, d.cfg.PlanWithin)
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
