package main

import (
	"context"
	"errors"
	"os"

	"belfry.dev/belfry/cmd/belfry/drill"
	"belfry.dev/belfry/deploy/standalone"
)

// drillCommands put the service to the test.
type drillCommands struct {
	Chaos chaosCommand `cmd:"" help:"Start the service as separate processes, kill them at random while providers misbehave, heal, and count: exit status 1 when a promise is broken."`
	Load  loadCommand  `cmd:"" help:"Submit at a stated rate and print throughput, latencies and the ledger: exit status 1 when a promise is broken."`
}

// chaosCommand is drill chaos.
type chaosCommand struct {
	Settings drill.Chaos `embed:""`
}

// Run is the command.
func (c *chaosCommand) Run(ctx context.Context, o outside) error {
	to, err := drillingWith(o)
	if err != nil {
		return err
	}
	return c.Settings.Run(ctx, to)
}

// loadCommand is drill load.
type loadCommand struct {
	Settings drill.Load `embed:""`
}

// Run is the command.
func (c *loadCommand) Run(ctx context.Context, o outside) error {
	if c.Settings.URL != "" {
		return c.Settings.Run(ctx, drill.Outside{Out: o.out})
	}
	to, err := drillingWith(o)
	if err != nil {
		return err
	}
	return c.Settings.Run(ctx, to)
}

var errNoTemporal = errors.New("a drill starts a Temporal server of its own, which this binary does not have: it was built with the tag slim; build it without")

// drillingWith is what a drill needs to start processes from this binary.
func drillingWith(o outside) (drill.Outside, error) {
	if !standalone.Included {
		return drill.Outside{}, errNoTemporal
	}
	program, err := os.Executable()
	return drill.Outside{Out: o.out, Program: program}, err
}
