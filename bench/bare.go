//go:build bench

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/bench/report"
)

// bare is the limit of what the engine can do: a workflow of three local
// activities that do nothing, started eagerly by the process that works.
type bare struct {
	temporal client.Client
	worker   worker.Worker
	queue    string
}

func newBare(c client.Client) (*bare, error) {
	l := &bare{temporal: c, queue: "bare-" + rand.Text()}
	l.worker = worker.New(c, l.queue, worker.Options{
		MaxConcurrentLocalActivityExecutionSize: 200, MaxConcurrentWorkflowTaskExecutionSize: 200,
	})
	l.worker.RegisterWorkflowWithOptions(threeSteps, workflow.RegisterOptions{Name: "bare"})
	l.worker.RegisterWorkflowWithOptions(sleepLong, workflow.RegisterOptions{Name: "asleep"})
	return l, l.worker.Start()
}

func threeSteps(ctx workflow.Context) error {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{ScheduleToCloseTimeout: 10 * time.Second})
	for range 3 {
		if err := workflow.ExecuteLocalActivity(ctx, nothing).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func nothing(context.Context) error { return nil }

func sleepLong(ctx workflow.Context) error { return workflow.Sleep(ctx, 365*24*time.Hour) }

// sleepers starts so many workflows that do nothing but sleep.
func (l *bare) sleepers(ctx context.Context, number int) error {
	return share(ctx, width, number, func(ctx context.Context, _ int) error {
		_, err := l.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: "asleep/" + rand.Text(), TaskQueue: l.queue, EnableEagerStart: true,
		}, "asleep")
		return err
	})
}

// one starts a workflow and waits for its end.
func (l *bare) one(ctx context.Context) (client.WorkflowRun, error) {
	r, err := l.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "bare/" + rand.Text(), TaskQueue: l.queue, EnableEagerStart: true,
	}, "bare")
	if err != nil {
		return nil, err
	}
	return r, r.Get(ctx, nil)
}

// saturated is the rate of workflows with width starters.
func (l *bare) saturated(number int) trial {
	return func(ctx context.Context) (run, error) {
		var last client.WorkflowRun
		var mu sync.Mutex
		cpu, began := cpuTime(), time.Now()
		err := share(ctx, width, number, func(ctx context.Context, _ int) error {
			r, err := l.one(ctx)
			mu.Lock()
			last = r
			mu.Unlock()
			return err
		})
		if err != nil {
			return run{}, err
		}
		took, used := time.Since(began), cpuTime()-cpu
		events, err := historyLength(ctx, l.temporal, last.GetID())
		return run{value: float64(number) / took.Seconds(), costs: report.Costs{
			CPUMillis: millis(used) / float64(number), HistoryEvents: events,
		}}, err
	}
}

// paced is the latency of workflows, start to end, at a rate; p is its percentile.
func (l *bare) paced(rate, number int) func(context.Context) ([]time.Duration, error) {
	return func(ctx context.Context) ([]time.Duration, error) {
		times := make([]time.Duration, number)
		err := pace(ctx, rate, number, func(ctx context.Context, i int) error {
			began := time.Now()
			_, err := l.one(ctx)
			times[i] = time.Since(began)
			return err
		})
		return times, err
	}
}

// historyLength is how many events the workflow's history has; zero when there was none.
func historyLength(ctx context.Context, c client.Client, id string) (float64, error) {
	d, err := c.DescribeWorkflowExecution(ctx, id, "")
	if _, none := errors.AsType[*serviceerror.NotFound](err); err != nil && !none {
		return 0, err
	}
	return float64(d.GetWorkflowExecutionInfo().GetHistoryLength()), nil
}

// share does number pieces of work, so many at the same time.
func share(ctx context.Context, clients, number int, piece func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= number {
					return
				}
				if err := piece(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// pace begins number pieces of work, so many a second, whether those before are
// over or not.
func pace(ctx context.Context, rate, number int, piece func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range number {
		<-tick.C
		all.Go(func() {
			if err := piece(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
