// Package process composes the rooms into the parts of a process: the API, the
// worker, and what they stand on. It also holds the settings that several
// commands share; each is a kong flag, see package configuration.
package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/cmd/belfry/metrics"
)

// Stage is a part of a process. The order is that of stopping: first nothing
// new comes in, then the work ends, then what both stood on.
type Stage int

// Stages, in the order in which they are stopped.
const (
	StageAPI Stage = iota
	StageWorker
	StageChannels
	StageClient
	StageTemporal
	StageTraces
	StageObserver
	StageStore
	StageSandbox
	stages
)

// String is the name of the stage, for people.
func (s Stage) String() string {
	return [stages]string{"api", "worker", "channels", "temporal client", "temporal", "traces", "observer", "store", "sandbox"}[s]
}

// stopTimeout bounds how long one part may take to stop.
const stopTimeout = 15 * time.Second

// Process is what was started and must be stopped.
type Process struct {
	log   *slog.Logger
	stops [stages]func(context.Context) error
	// leave tells the outside that the process will stop, and returns when that
	// has had its time; nil when nobody outside needs to know.
	leave func()
	// metrics count what the parts do; nil counts nothing.
	metrics *metrics.Metrics
	// sdk has what Temporal's SDK measures, from the first client on.
	sdk *metrics.SDK
	// namespace is the one that was dialled in Temporal.
	namespace string
	// tracer makes spans; nil makes none.
	tracer trace.Tracer
	// failed gets the first error of a part that ended by itself.
	failed chan error
	// nudges tell the worker of this process, if there is one, that something was accepted.
	nudges chan struct{}
}

// New returns a process without parts.
func New(log *slog.Logger) *Process {
	return &Process{log: log, sdk: metrics.NewSDK(), failed: make(chan error, 1), nudges: make(chan struct{}, 1)}
}

// Started notes how to stop a part.
func (p *Process) Started(s Stage, stop func(context.Context) error) { p.stops[s] = stop }

// fail notes that a part ended by itself; nil is no failure.
func (p *Process) fail(s Stage, err error) {
	if err == nil {
		return
	}
	select {
	case p.failed <- fmt.Errorf("%s: %w", s, err):
	default: // another part failed before
	}
}

// Wait returns when the context ends or a part fails.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.failed:
		return err
	}
}

// Stop ends all parts in the order of the stages and waits for each. When the
// context has ended, because somebody asked for the stop and no part has failed,
// the outside is told first.
func (p *Process) Stop(ctx context.Context) error {
	var errs []error
	if p.leave != nil && ctx.Err() != nil {
		p.leave()
	}
	for s, stop := range p.stops {
		if stop == nil {
			continue
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		if err := stop(limited); err != nil {
			errs = append(errs, fmt.Errorf("stop the %s: %w", Stage(s), err))
		}
		cancel()
		p.log.DebugContext(ctx, "stopped", "part", Stage(s).String())
	}
	return errors.Join(errs...)
}

// run runs a part with a context of its own, which ends when the stage is
// stopped.
func (p *Process) run(ctx context.Context, s Stage, part func(context.Context) error) {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error {
		p.fail(s, part(inner))
		return nil
	})
	p.Started(s, func(context.Context) error {
		cancel()
		return group.Wait()
	})
}
