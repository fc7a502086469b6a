// Package worker runs what happens in the background: the Temporal worker with
// its workflows and activities, the dispatcher, the reconciler and housekeeping.
// Any number of processes may run one over the same database and engine.
package worker

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/workflows"
)

// Config tunes the worker. Zero values mean the defaults named at each field.
type Config struct {
	// TaskQueue is workflows.TaskQueue unless set.
	TaskQueue string
	// Activities and LocalActivities bound what runs at the same time in this
	// process: 200 and 200. WorkflowTasks: 200.
	Activities      int
	LocalActivities int
	WorkflowTasks   int
	// CachedWorkflows bounds the executions kept in memory: 2,000. The cache is
	// the process's, not the worker's.
	CachedWorkflows int
	// StopTimeout is how long a stopping worker waits for its activities: 15 s.
	StopTimeout time.Duration
	// RestartWait is the time before a worker that could not start is replaced: 2 s.
	RestartWait time.Duration
	// Policies are the limits of activities.
	Policies  workflows.Policies
	Dispatch  DispatchConfig
	Reconcile ReconcileConfig
	Housekeep HousekeepConfig
	Schedules ScheduleConfig
}

func (c Config) withDefaults() Config {
	c.TaskQueue = cmp.Or(c.TaskQueue, workflows.TaskQueue)
	c.Activities = cmp.Or(c.Activities, 200)
	c.LocalActivities = cmp.Or(c.LocalActivities, 200)
	c.WorkflowTasks = cmp.Or(c.WorkflowTasks, 200)
	c.CachedWorkflows = cmp.Or(c.CachedWorkflows, 2000)
	c.RestartWait = cmp.Or(c.RestartWait, 2*time.Second)
	c.StopTimeout = cmp.Or(c.StopTimeout, 15*time.Second)
	return c
}

// Store is what the background loops need of the database.
type Store interface {
	Outbox
	Ledger
	Attic
}

// Engine is what the background loops need of the workflow engine.
type Engine interface {
	Watcher
	Clockwork
}

// Dependencies are what the worker works with; all are required but Seal and Nudged.
type Dependencies struct {
	Temporal   client.Client
	Activities *activities.Activities
	Store      Store
	Engine     Engine
	// Seal signs the newest rows of the operation logs; nil does not.
	Seal func(context.Context) error
	// Nudged says that this process has just accepted something; nil says nothing.
	Nudged <-chan struct{}
	Logger *slog.Logger
}

// Worker is the background part of a process.
type Worker struct {
	cfg  Config
	deps Dependencies
}

// New returns a worker that does nothing until Run.
func New(cfg Config, d Dependencies) *Worker {
	cfg = cfg.withDefaults()
	worker.SetStickyWorkflowCacheSize(cfg.CachedWorkflows)
	return &Worker{cfg: cfg, deps: d}
}

// Register adds all workflows and activities to a worker.
func Register(r worker.Registry, p workflows.Policies, a *activities.Activities) {
	workflows.New(p).Register(r)
	r.RegisterActivity(a)
}

// Run works until the context ends, then lets what runs come to an end. It does
// not fail: an engine that cannot be reached is tried again.
func (w *Worker) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context){
		w.poll,
		newDispatcher(w.cfg.Dispatch, w.deps.Store, w.deps.Engine, w.deps.Nudged, w.deps.Logger).run,
		newReconciler(w.cfg.Reconcile, w.deps.Store, w.deps.Engine, w.deps.Logger).run,
		newScheduler(w.cfg.Schedules, w.deps.Engine, w.deps.Logger).run,
		newHousekeeper(w.cfg.Housekeep, w.deps.Store, w.deps.Seal, w.deps.Logger).run,
	} {
		loops.Go(func() { loop(ctx) })
	}
	loops.Wait()
	return nil
}

// poll keeps a Temporal worker running: one that cannot start, or gives up, is
// replaced.
func (w *Worker) poll(ctx context.Context) {
	every(ctx, w.cfg.RestartWait, func(ctx context.Context) {
		gaveUp := make(chan error, 1)
		each := w.build(func(err error) { gaveUp <- err })
		if err := each.Start(); err != nil {
			w.deps.Logger.WarnContext(ctx, "temporal worker cannot start; it goes on trying", "error", err)
			return
		}
		w.deps.Logger.InfoContext(ctx, "temporal worker started", "task_queue", w.cfg.TaskQueue)
		defer each.Stop()
		select {
		case <-ctx.Done():
		case err := <-gaveUp:
			w.deps.Logger.ErrorContext(ctx, "temporal worker gave up; starting another", "error", err)
		}
	})
}

func (w *Worker) build(fatal func(error)) worker.Worker {
	each := worker.New(w.deps.Temporal, w.cfg.TaskQueue, worker.Options{
		MaxConcurrentActivityExecutionSize:      w.cfg.Activities,
		MaxConcurrentLocalActivityExecutionSize: w.cfg.LocalActivities,
		MaxConcurrentWorkflowTaskExecutionSize:  w.cfg.WorkflowTasks,
		WorkerStopTimeout:                       w.cfg.StopTimeout,
		WorkflowPanicPolicy:                     worker.BlockWorkflow, // a bad release waits, it does not fail what runs
		OnFatalError:                            fatal,
	})
	Register(each, w.cfg.Policies, w.deps.Activities)
	return each
}

// every calls fn now and then at every interval after it returned, until the
// context ends.
func every(ctx context.Context, interval time.Duration, fn func(context.Context)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			fn(ctx)
			timer.Reset(interval)
		}
	}
}
