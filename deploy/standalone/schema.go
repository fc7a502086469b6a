//go:build !slim

package standalone

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	schema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// sqlStore is the server's access to one file. The plugin's default is a
// rollback journal, which costs six times as much as the write-ahead log.
// Source: docs/architecture.md#the-embedded-temporal-server.
func sqlStore(path, synchronous string) *config.SQL {
	return &config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: escape(path),
		ConnectAttributes: map[string]string{
			"mode": "rwc", "journal_mode": "wal", "synchronous": synchronous, "busy_timeout": "10000",
		},
	}
}

// escape makes a path fit into an SQLite file URI.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// makeTables makes the server's tables in the file, all or none, and refuses a
// file with the tables of another version of the server.
func makeTables(ctx context.Context, path string, wanted func(statement string) bool) error {
	var tables statements
	if err := schema.SetupSchemaOnDB(&tables); err != nil {
		return fmt.Errorf("read the embedded Temporal server's schema: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+escape(path)+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	err = makeTablesIn(ctx, db, tables.list, wanted)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("make the tables of %s: %w", path, err)
	}
	return nil
}

func makeTablesIn(ctx context.Context, db *sql.DB, list []string, wanted func(string) bool) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	const mark = schema.Version + "/" + schema.VisibilityVersion
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS belfry_schema (version TEXT NOT NULL)`); err != nil {
		return err
	}
	var found string
	err = tx.QueryRowContext(ctx, `SELECT version FROM belfry_schema`).Scan(&found)
	switch {
	case err == nil && found == mark:
		return nil
	case err == nil:
		return fmt.Errorf("it was made by another version of the server (%s, not %s)", found, mark)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	for _, statement := range list {
		if !wanted(statement) {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO belfry_schema (version) VALUES (?)`, mark); err != nil {
		return err
	}
	return tx.Commit()
}

// statements collects a schema's statements instead of executing them.
type statements struct {
	sqlplugin.AdminDB
	list []string
}

// Exec notes the statement.
func (s *statements) Exec(statement string, _ ...any) error {
	s.list = append(s.list, statement)
	return nil
}

func inMain(statement string) bool { return !strings.Contains(statement, "executions_visibility") }

// inVisibility keeps what lists of workflows need and leaves out the full-text
// tables with their triggers and the indexes of attributes that nobody sets:
// writing those costs more than the workflow (docs/architecture.md#the-embedded-temporal-server).
// Workflows can be listed by every attribute but text and keyword lists.
func inVisibility(statement string) bool {
	if inMain(statement) || strings.Contains(statement, "executions_visibility_fts") {
		return false
	}
	rest, isIndex := strings.CutPrefix(strings.TrimSpace(statement), "CREATE INDEX ")
	if !isIndex {
		return true
	}
	switch name, _, _ := strings.Cut(rest, " "); name {
	case "default_idx", "by_workflow_id", "by_workflow_type", "by_status",
		"by_temporal_namespace_division", "by_temporal_scheduled_by_id", "by_keyword_01", "by_keyword_02":
		return true
	}
	return false
}

func makeNamespace(store *config.SQL, name string, retention time.Duration) error {
	namespace, err := schema.NewNamespaceConfig(clusterName, name, false, nil)
	if err != nil {
		return fmt.Errorf("describe namespace %s: %w", name, err)
	}
	namespace.Detail.Config.Retention = durationpb.New(retention)
	if err := schema.CreateNamespaces(store, namespace); err != nil {
		return fmt.Errorf("make namespace %s: %w", name, err)
	}
	return nil
}
