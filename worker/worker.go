// Package worker runs what happens in the background: the Temporal worker with
// its workflows and activities, the dispatcher, the reconciler and housekeeping.
// Any number of processes may run one over the same database and engine.
package worker

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

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
	// Policies are the limits of activities.
	Policies  workflows.Policies
	Dispatch  DispatchConfig
	Reconcile ReconcileConfig
	Housekeep HousekeepConfig
}

func (c Config) withDefaults() Config {
	c.TaskQueue = cmp.Or(c.TaskQueue, workflows.TaskQueue)
	c.Activities = cmp.Or(c.Activities, 200)
	c.LocalActivities = cmp.Or(c.LocalActivities, 200)
	c.WorkflowTasks = cmp.Or(c.WorkflowTasks, 200)
	c.CachedWorkflows = cmp.Or(c.CachedWorkflows, 2000)
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
	Starter
	Watcher
}

// Dependencies are what the worker works with; all are required but Seal.
type Dependencies struct {
	Temporal   client.Client
	Activities *activities.Activities
	Store      Store
	Engine     Engine
	// Seal signs the newest rows of the operation logs; nil does not.
	Seal   func(context.Context) error
	Logger *slog.Logger
}

// Worker is the background part of a process.
type Worker struct {
	cfg    Config
	deps   Dependencies
	worker worker.Worker
}

// New returns a worker that does nothing until Run.
func New(cfg Config, d Dependencies) *Worker {
	cfg = cfg.withDefaults()
	worker.SetStickyWorkflowCacheSize(cfg.CachedWorkflows)
	w := worker.New(d.Temporal, cfg.TaskQueue, worker.Options{
		MaxConcurrentActivityExecutionSize:      cfg.Activities,
		MaxConcurrentLocalActivityExecutionSize: cfg.LocalActivities,
		MaxConcurrentWorkflowTaskExecutionSize:  cfg.WorkflowTasks,
		WorkerStopTimeout:                       cfg.StopTimeout,
		WorkflowPanicPolicy:                     worker.BlockWorkflow, // a bad release waits, it does not fail what runs
	})
	Register(w, cfg.Policies, d.Activities)
	return &Worker{cfg: cfg, deps: d, worker: w}
}

// Register adds all workflows and activities to a worker.
func Register(r worker.Registry, p workflows.Policies, a *activities.Activities) {
	w := workflows.New(p)
	r.RegisterWorkflowWithOptions(w.Notification, workflow.RegisterOptions{Name: workflows.NameNotification})
	r.RegisterActivity(a)
}

// Run works until the context ends, then lets what runs come to an end. It fails
// when the worker cannot start.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.worker.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	var loops sync.WaitGroup
	for _, loop := range []func(context.Context){
		newDispatcher(w.cfg.Dispatch, w.deps.Store, w.deps.Engine, w.deps.Logger).run,
		newReconciler(w.cfg.Reconcile, w.deps.Store, w.deps.Engine, w.deps.Logger).run,
		newHousekeeper(w.cfg.Housekeep, w.deps.Store, w.deps.Seal, w.deps.Logger).run,
	} {
		loops.Go(func() { loop(ctx) })
	}
	loops.Wait()
	w.worker.Stop()
	return nil
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
