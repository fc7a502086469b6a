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
	// Interval is the time between looks into the outbox while nobody nudges: 100 ms.
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
	c.Interval = cmp.Or(c.Interval, 100*time.Millisecond)
	c.Batch = cmp.Or(c.Batch, 100)
	c.Lease = cmp.Or(c.Lease, 5*time.Second)
	c.PlanWithin = cmp.Or(c.PlanWithin, time.Minute)
	c.Calls = cmp.Or(c.Calls, 8)
	return c
}

// Outbox holds the calls that the workflow engine must still get.
type Outbox interface {
	ClaimWakeups(ctx context.Context, lease time.Duration, limit int) ([]models.Wakeup, error)
	ReleaseWakeups(ctx context.Context, done []models.Wakeup, planWithin time.Duration) error
}

// Starter starts and wakes workflows.
type Starter interface {
	// Start starts the entity's workflow, unless it runs.
	Start(ctx context.Context, e models.Entity) error
	// Wake makes the entity's workflow look at its row, and starts it when it does not
	// run.
	Wake(ctx context.Context, e models.Entity) error
}

// dispatcher makes the calls that processes have committed to. Every call may be made
// twice without harm.
type dispatcher struct {
	cfg    DispatchConfig
	outbox Outbox
	engine Starter
	// nudged says that this process has just committed to a call; nil says nothing.
	nudged <-chan struct{}
	log    *slog.Logger
	// failing remembers that the engine did not answer, to say so once.
	failing bool
}

func newDispatcher(cfg DispatchConfig, o Outbox, e Starter, nudged <-chan struct{}, log *slog.Logger) *dispatcher {
	return &dispatcher{cfg: cfg.withDefaults(), outbox: o, engine: e, nudged: nudged, log: log}
}

// Times to the next look, unless the interval says otherwise: at most soon while
// announcements keep the engine busy, and at least later after a failure.
const (
	soon  = 100 * time.Millisecond
	later = time.Second
)

func (d *dispatcher) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.nudged:
		case <-timer.C:
		}
		timer.Reset(d.drain(ctx))
	}
}

// drain works until nothing is due or something fails, and returns when to look
// again.
func (d *dispatcher) drain(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		rows, err := d.dispatch(ctx)
		d.report(ctx, err)
		number := map[models.Lane]int{}
		for _, row := range rows {
			number[row.Lane]++
		}
		switch {
		case err != nil:
			return max(later, d.cfg.Interval)
		case number[models.LaneUrgent]+number[models.LaneBulk] >= d.cfg.Batch || number[models.LaneEntities] >= d.cfg.Batch:
		case number[models.LaneBulk] > 0:
			return min(soon, d.cfg.Interval)
		default:
			return d.cfg.Interval
		}
	}
	return d.cfg.Interval
}

// releasedAtOnce is how many rows are released together: few enough for their lease.
const releasedAtOnce = 32

// dispatch makes the calls that are due, once.
func (d *dispatcher) dispatch(ctx context.Context) ([]models.Wakeup, error) {
	rows, err := d.outbox.ClaimWakeups(ctx, d.cfg.Lease, d.cfg.Batch)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(rows, releasedAtOnce) {
		if err := d.callAll(ctx, some); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// callAll makes the calls, some at the same time, and releases those that succeeded. After
// the first error it begins no more: while the engine is down every call lasts until its
// time-out, and rows that are left come due again.
func (d *dispatcher) callAll(ctx context.Context, rows []models.Wakeup) error {
	var (
		calls  errgroup.Group
		failed atomic.Bool
		mu     sync.Mutex
		done   []models.Wakeup
	)
	calls.SetLimit(d.cfg.Calls)
	for _, row := range rows {
		calls.Go(func() error {
			if failed.Load() {
				return nil
			}
			if err := d.call(ctx, row); err != nil {
				failed.Store(true)
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done = append(done, row)
			return nil
		})
	}
	err := calls.Wait()
	return errors.Join(err, d.outbox.ReleaseWakeups(ctx, done, d.cfg.PlanWithin))
}

func (d *dispatcher) call(ctx context.Context, row models.Wakeup) error {
	ctx = tracing.Resume(ctx, row.Trace)
	if row.Call == models.CallStart {
		return d.engine.Start(ctx, row.Entity())
	}
	return d.engine.Wake(ctx, row.Entity())
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
