package engine

import (
	"context"
	"fmt"
	"os"

	"gorm.io/gorm"
)

// probeSize is how much room is looked for: more than file systems keep beside a file's
// name, less than one request may bring.
const probeSize = 64 << 10

// Writable reports whether the database takes writes now; touch is a small one.
//
// SQLite's one writer may be busy for longer than anybody waits here. So room is looked for
// beside the database, and touch runs only after a transaction was refused for want of
// room or of the right to write, to learn whether that is over.
func (e *Engine) Writable(ctx context.Context, touch func(*gorm.DB) error) error {
	if e.group == nil {
		return e.Transaction(ctx, touch)
	}
	if err := room(e.folder); err != nil {
		return fmt.Errorf("write beside the database: %w", err)
	}
	if !e.refused.Load() {
		return nil
	}
	err := e.Transaction(ctx, touch)
	if !e.refused.Load() { // by this or by another one that went through meanwhile
		return nil
	}
	return err
}

// room writes a file and deletes it. Its name is gone before it is written: a process that
// dies here leaves nothing.
func room(folder string) error {
	file, err := os.CreateTemp(folder, ".belfry-room-*")
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // nobody reads it
	if err := os.Remove(file.Name()); err != nil {
		return err
	}
	_, err = file.Write(make([]byte, probeSize))
	return err
}

// observe remembers whether the newest transaction was refused by what the database is
// stored on. One that failed otherwise says nothing of that.
func (e *Engine) observe(err error) {
	switch primary, _ := codes(err); {
	case err == nil:
		e.refused.Store(false)
	case primary == sqliteFull, primary == sqliteReadOnly, primary == sqliteIOError, primary == sqliteCannotOpen:
		e.refused.Store(true)
	}
}
