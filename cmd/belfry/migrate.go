package main

import (
	"context"
	"log/slog"

	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/store"
)

// migrateCommand brings the schema to the newest version. It is safe to run in
// several places at once, and while the previous release runs.
type migrateCommand struct {
	process.Database
}

// Run is the command.
func (c *migrateCommand) Run(ctx context.Context, log *slog.Logger) error {
	if err := store.Migrate(ctx, c.Config(log)); err != nil {
		return err
	}
	log.InfoContext(ctx, "the schema is current")
	return nil
}
