package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"

	temporal "go.temporal.io/sdk/client"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/workflows"
)

// serveCommand answers the API. Any number of them may run.
type serveCommand struct {
	foundation
	process.Web
	process.Draining
}

// Run is the command.
func (c *serveCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.run(ctx, log, "serve", func(s *service) error {
		return s.startAPI(ctx, c.Web, c.Draining)
	})
}

// workerCommand does what happens in the background. Any number of them may run.
type workerCommand struct {
	foundation
	process.Site
	process.Delivery
	process.Background
}

// Run is the command.
func (c *workerCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.run(ctx, log, "worker", func(s *service) error {
		if err := c.Catalog().Check(); err != nil {
			return err
		}
		s.eager = true
		s.startWorker(ctx, c.Site, c.Delivery, c.Background)
		return nil
	})
}

// allCommand is both in one process: workflows begin in the process that accepted
// the notification, which saves a way to Temporal and back.
type allCommand struct {
	foundation
	process.Web
	process.Draining
	process.Delivery
	process.Background
}

// Run is the command.
func (c *allCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.run(ctx, log, "all", func(s *service) error {
		s.eager = true
		if err := s.startAPI(ctx, c.Web, c.Draining); err != nil {
			return err
		}
		s.startWorker(ctx, c.Site, c.Delivery, c.Background)
		return nil
	})
}

// foundation are the settings of what every service stands on.
type foundation struct {
	process.Database
	process.Secret
	process.Temporal
	process.Outgoing
	process.Observing
	process.Inviting
}

// run opens what a service stands on, starts its parts, and stops them in order
// when the context ends or a part fails.
func (f foundation) run(ctx context.Context, log *slog.Logger, command string, start func(*service) error) error {
	s := &service{Process: process.New(log), log: log, command: command, queue: f.TaskQueue, rules: f.Rules()}
	err := s.open(ctx, f)
	if err == nil {
		err = start(s)
	}
	if err == nil {
		err = s.Wait(ctx)
	}
	err = errors.Join(err, s.Stop(ctx))
	log.InfoContext(ctx, "stopped")
	return err
}

// service is one run of serve, worker or all.
type service struct {
	*process.Process
	log      *slog.Logger
	store    *store.Store
	temporal temporal.Client
	channels *channels.Registry
	queue    string
	rules    models.InvitationRules
	// command names the process in traces.
	command string
	// eager says that the worker shares the process.
	eager bool
}

// open opens the database, which must be migrated, stores what this release ships
// of message types, and prepares the ways to Temporal and to the providers.
func (s *service) open(ctx context.Context, f foundation) error {
	var err error
	if s.store, err = open(ctx, f.Database, f.Secret, s.log); err != nil {
		return err
	}
	s.Started(process.StageStore, func(context.Context) error { return s.store.Close() })
	categories, err := seedCatalogue(ctx, s.store)
	if err != nil {
		return err
	}
	if err := s.Trace(ctx, s.command, version()); err != nil {
		return err
	}
	if s.temporal, err = s.DialTemporal(f.Temporal); err != nil {
		return err
	}
	if s.channels, err = s.OpenChannels(f.Outgoing, s.store.Now); err != nil {
		return err
	}
	return s.Observe(ctx, f.Observing, process.Observed{
		Version: version(), Store: s.store, Temporal: s.temporal, TaskQueue: s.queue, Channels: s.channels, Categories: categories,
	})
}

func (s *service) engine() *workflows.Client {
	return workflows.NewClient(s.temporal, workflows.ClientConfig{TaskQueue: s.queue, Eager: s.eager})
}

func (s *service) startAPI(ctx context.Context, web process.Web, draining process.Draining) error {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", cmp.Or(web.Listen, "127.0.0.1:8080"))
	if err != nil {
		return errors.Join(errors.New("BELFRY_LISTEN cannot be used"), err)
	}
	if web.PublicURL == "" {
		s.log.WarnContext(ctx, "BELFRY_PUBLIC_URL is not set: messages carry no links")
	}
	config := web.Config(version())
	config.Invitations = s.rules
	err = s.ServeAPI(ctx, listener, process.APIParts{
		Store: s.store, Temporal: s.temporal, TaskQueue: s.queue, Channels: s.channels,
		Config: config, Drain: draining.DrainDelay,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s.log.InfoContext(ctx, "api started", "address", listener.Addr().String())
	return nil
}

func (s *service) startWorker(ctx context.Context, site process.Site, delivery process.Delivery, background process.Background) {
	work := delivery.Config()
	work.Invitations = s.rules
	s.RunWorker(ctx, process.WorkerParts{
		Store: s.store, Temporal: s.temporal, Engine: s.engine(), Channels: s.channels,
		Site: site.Catalog(), Activities: work, Settings: background, TaskQueue: s.queue,
	})
}
