//go:build bench

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// engineFiles reads the embedded Temporal server's two databases beside the server itself:
// what an open workflow takes there, and how many sleep.
type engineFiles struct{ main, visibility *sql.DB }

func openEngineFiles(dir string) (*engineFiles, error) {
	read := func(name string) (*sql.DB, error) {
		return sql.Open("sqlite", "file:"+filepath.Join(dir, name)+"?mode=ro&_pragma=busy_timeout(10000)")
	}
	main, err := read("temporal.db")
	if err != nil {
		return nil, err
	}
	visibility, err := read("visibility.db")
	return &engineFiles{main, visibility}, err
}

func (e *engineFiles) close() error { return errors.Join(e.main.Close(), e.visibility.Close()) }

// size is what both hold, in bytes.
func (e *engineFiles) size(ctx context.Context) (float64, error) {
	main, err := pages(ctx, e.main)
	if err != nil {
		return 0, err
	}
	visibility, err := pages(ctx, e.visibility)
	return main + visibility, err
}

// sleeping counts the workflows that wait for a timer. One that was disturbed may have
// several. Index: primary key.
func (e *engineFiles) sleeping(ctx context.Context) (int, error) {
	var n int
	err := e.main.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT DISTINCT shard_id, namespace_id, workflow_id, run_id FROM timer_info_maps)").Scan(&n)
	return n, err
}

// soonAsleep is how long many workflows may take until all of them sleep.
const soonAsleep = 10 * time.Minute

// asleep waits until so many workflows sleep.
func (e *engineFiles) asleep(ctx context.Context, number int) error {
	for limit := time.Now().Add(soonAsleep); ; {
		n, err := e.sleeping(ctx)
		if err != nil || n >= number {
			return err
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%d of %d workflows sleep after %s", n, number, soonAsleep)
		}
		rest(ctx, 100*time.Millisecond)
	}
}

// held is what the state and the history of a workflow of the kind take, in bytes, on
// average: their rows without indexes and without what is empty in pages.
const held = `WITH runs AS (SELECT run_id, length(workflow_id) + length(data) + length(state) AS bytes FROM executions WHERE workflow_id LIKE ? || '/%')
	SELECT (SUM(bytes) + (SELECT SUM(length(data)) FROM history_node WHERE tree_id IN (SELECT run_id FROM runs))
		+ (SELECT SUM(length(data)) FROM history_tree WHERE tree_id IN (SELECT run_id FROM runs))
		+ (SELECT SUM(length(data)) FROM current_executions WHERE run_id IN (SELECT run_id FROM runs))
		+ (SELECT SUM(length(data)) FROM timer_info_maps WHERE run_id IN (SELECT run_id FROM runs))) * 1.0 / COUNT(*) FROM runs`

func (e *engineFiles) held(ctx context.Context, kind string) (float64, error) {
	var bytes float64
	err := e.main.QueryRowContext(ctx, held, kind).Scan(&bytes)
	return bytes, err
}
