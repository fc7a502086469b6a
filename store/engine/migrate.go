package engine

import (
	"context"
	"crypto/md5" //nolint:gosec // for a name
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/pressly/goose/v3"

	"belfry.dev/belfry/store/engine/migrations"
)

// migrationWait is how long a process waits for another one that migrates.
const migrationWait = 2 * time.Minute

// Migrate brings the schema to the newest version. Several processes may call it
// at once: one migrates, the others wait. A crash half-way is repaired by the
// next call.
func Migrate(ctx context.Context, cfg Config) error {
	t, err := parse(cfg)
	if err != nil {
		return err
	}
	e, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	err = e.locked(ctx, t, func() error { return e.migrate(ctx) })
	return errors.Join(err, e.Close())
}

// Current reports whether the schema is as new as this program.
func (e *Engine) Current(ctx context.Context) (bool, error) {
	provider, err := e.provider()
	if err != nil {
		return false, err
	}
	pending, err := provider.HasPending(ctx)
	return !pending, err
}

func (e *Engine) migrate(ctx context.Context) error {
	provider, err := e.provider()
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	return nil
}

func (e *Engine) provider() (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if e.Dialect == MySQL {
		dialect = goose.DialectMySQL
	}
	files, err := fs.Sub(migrations.Files, string(e.Dialect))
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect, e.pools[0], files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("load the migrations: %w", err)
	}
	return provider, nil
}

func (e *Engine) locked(ctx context.Context, t target, fn func() error) error {
	if e.Dialect == MySQL {
		return lockedMySQL(ctx, e.pools[0], fn)
	}
	return lockedSQLite(ctx, t.path, fn)
}

// lockedMySQL holds a named lock of the server; it ends with its connection, which
// asks nothing for as long as the longest statement of a migration takes.
func lockedMySQL(ctx context.Context, pool *sql.DB, fn func() error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	defer func() { _ = conn.Close() }() // back to the pool
	name, err := lockName(ctx, conn)
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SET SESSION wait_timeout = DEFAULT"); err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", name, int(migrationWait.Seconds())).Scan(&got); err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	if got.Int64 != 1 {
		return errors.New("another process is migrating the schema and does not end")
	}
	defer func() {
		// A lock that stays is freed when the connection ends.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(?)", name)
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SET SESSION wait_timeout = "+idleSeconds)
	}()
	return fn()
}

// lockName names the lock of one database: locks belong to the whole server, and a
// name has 64 bytes at most. Earlier releases let the server compute the same sum,
// which MySQL cannot since 9.6.
func lockName(ctx context.Context, conn *sql.Conn) (string, error) {
	var database string
	err := conn.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database)
	sum := md5.Sum([]byte(database)) //nolint:gosec // a name, not a secret
	return "belfry/" + hex.EncodeToString(sum[:]), err
}

// lockedSQLite holds the write lock of a small database beside the real one;
// the operating system frees it when the process dies.
func lockedSQLite(ctx context.Context, path string, fn func() error) error {
	options := url.Values{"_txlock": {"exclusive"}, "_busy_timeout": {fmt.Sprint(migrationWait.Milliseconds())}}
	pool, err := sql.Open(driverSQLite, (&url.URL{Scheme: "file", Path: path + ".lock", RawQuery: options.Encode()}).String())
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	defer func() { _ = pool.Close() }() // frees the lock
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn()
}
