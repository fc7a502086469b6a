package process

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/rbac"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/web"
	"belfry.dev/belfry/workflows"
)

// APIParts are what the API of a process works with.
type APIParts struct {
	Store *store.Store
	// Temporal is a connection: the API works without it, but says so.
	Temporal client.Client
	// TaskQueue is workflows.TaskQueue unless set.
	TaskQueue string
	// Channels are the adapters that can be configured and tested.
	Channels *channels.Registry
	Config   operation.Config
	// Drain is how long the API goes on answering once the process was told to
	// stop, saying that it is not ready.
	Drain time.Duration
}

// ServeAPI builds the API and serves it on the listener until the stage is stopped.
func (p *Process) ServeAPI(ctx context.Context, listener net.Listener, parts APIParts) error {
	deps := operation.Deps{
		Store: parts.Store, Channels: parts.Channels, Logger: p.log, Now: parts.Store.Now, Tracer: p.tracer,
		Probes: []operation.Probe{{Name: "temporal", Check: reachable(parts.Temporal)}},
	}
	access := rbac.Config{Grants: parts.Store.Roles(), Now: parts.Store.Now}
	if p.metrics != nil {
		deps.Meter, access.Checked = p.metrics, p.metrics.Checked
	}
	var err error
	if deps.Rbac, err = rbac.New(access); err != nil {
		return err
	}
	deps.Nudge = p.nudge
	server, err := api.New(parts.Config, deps) //nolint:contextcheck,nolintlint // requests carry their own; seen only where api is linted, too
	if err != nil {
		return err
	}
	server.AskWorkers(workersOf(parts.Temporal, p.namespace, cmp.Or(parts.TaskQueue, workflows.TaskQueue)))
	server.ServeConsole(web.New(parts.Config.Site.Logo)) //nolint:contextcheck,nolintlint // as above
	if p.metrics != nil {
		server.EachRoute(p.metrics.ExpectRoute)
	}
	p.serve(ctx, listener, server)
	p.leave = func() {
		server.Leave()
		p.log.InfoContext(ctx, "stopping: not ready any more", "drain_delay", parts.Drain.String())
		time.Sleep(parts.Drain) // a second signal ends the process at once
	}
	return nil
}

// serve answers HTTP on the listener until the stage is stopped: then streams
// are told to end and what is under way may come to its end.
func (p *Process) serve(ctx context.Context, listener net.Listener, a *api.Server) {
	server := &http.Server{
		Handler:           a,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	streaming, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	var parts errgroup.Group
	parts.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.fail(StageAPI, err)
		}
		return nil
	})
	parts.Go(func() error { return a.Run(streaming) })
	p.Started(StageAPI, func(ctx context.Context) error {
		endStreams()
		err := server.Shutdown(ctx)
		if err != nil {
			err = errors.Join(err, server.Close())
		}
		return errors.Join(err, parts.Wait())
	})
}

// reachable asks whether Temporal answers.
func reachable(c client.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	}
}

// nudge has the worker of this process look into the outbox at once. Those of others look
// by themselves.
func (p *Process) nudge() {
	select {
	case p.nudges <- struct{}{}:
	default: // it is about to look
	}
}
