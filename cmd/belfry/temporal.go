package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/deploy/standalone"
)

// temporalRetention is how long the embedded server shows workflows that ended.
const temporalRetention = 72 * time.Hour

// embedded are the settings of the embedded Temporal server.
type embedded struct {
	Data           string `env:"BELFRY_DATA" default:".data" placeholder:"DIR" help:"Folder for everything that is kept." group:"Development"`
	TemporalListen string `env:"BELFRY_TEMPORAL_LISTEN" placeholder:"HOST:PORT" help:"Where the embedded Temporal server listens, which asks nobody who they are: a loopback address. When left out, belfry temporal listens at 127.0.0.1:7233 and belfry dev at a free port." group:"Development"`
}

// temporalCommand runs the embedded Temporal server by itself. What it keeps
// survives the process, also when it is killed.
type temporalCommand struct {
	embedded
	Namespace string `name:"temporal-namespace" env:"BELFRY_TEMPORAL_NAMESPACE" placeholder:"NAME" help:"Namespace, which is made when it is missing; default when left out." group:"Temporal"`
}

// Run is the command.
func (c *temporalCommand) Run(ctx context.Context, o outside, log *slog.Logger) error {
	dir, err := openDataDir(c.Data)
	if err != nil {
		return err
	}
	defer func() { _ = dir.close() }() // the process ends
	folder, err := dir.folder("temporal")
	if err != nil {
		return err
	}
	p := process.New(log)
	err = c.serve(ctx, p, standalone.Config{Dir: folder, Logger: log}, o)
	return errors.Join(err, p.Stop(ctx))
}

func (c *temporalCommand) serve(ctx context.Context, p *process.Process, config standalone.Config, o outside) error {
	config.Address = cmp.Or(c.TemporalListen, "127.0.0.1:7233")
	config.Namespace, config.Retention = cmp.Or(c.Namespace, "default"), temporalRetention
	server, err := standalone.Start(ctx, config)
	if err != nil {
		return err
	}
	p.Started(process.StageTemporal, func(context.Context) error { return server.Stop() })
	if _, err := fmt.Fprintf(o.out, "Temporal is running: %s (namespace %s)\n", server.Address(), config.Namespace); err != nil {
		return err
	}
	return p.Wait(ctx)
}
