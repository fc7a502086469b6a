package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// lockWaitSeconds bounds the wait for one row lock: well below the deadline of a
// request, so that the retry happens inside it. The server's default is 50.
const lockWaitSeconds = "3"

// idleSeconds is when the server ends a connection that asks nothing, and rolls back
// its transaction: a process that is suspended in the middle of one must not keep its
// locks (both servers: wait_timeout, 28,800 by default). connIdle is when the pool
// closes an idle connection by itself: its cleaner comes late by as much again, and
// that still is before the server.
const (
	idleSeconds = "30"
	connIdle    = 10 * time.Second
)

func openMySQL(ctx context.Context, t target) (*Engine, error) {
	connector, err := connectorOf(t.mysql)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(t.connections)
	pool.SetMaxIdleConns(t.connections)
	pool.SetConnMaxLifetime(30 * time.Minute)
	pool.SetConnMaxIdleTime(connIdle)
	if err := checkMySQL(ctx, pool, t.allowUnsafe); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	e, err := assemble(MySQL, pool, pool, func(pool *sql.DB) gorm.Dialector {
		return gormmysql.New(gormmysql.Config{
			Conn: pool, DSNConfig: t.mysql,
			SkipInitializeWithVersion: true, // no RETURNING: MySQL has none
			DontSupportForShareClause: true, // MariaDB has only the older words
		})
	})
	if err != nil {
		return nil, err
	}
	e.places = newPlaces(t.connections)
	return e, nil
}

// connectorOf prepares connections with all that correctness needs.
func connectorOf(given *mysql.Config) (driver.Connector, error) {
	config := configureMySQL(given)
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("configure MySQL: %w", err)
	}
	return readCommitted{connector, config.Timeout}, nil
}

// configureMySQL sets what correctness depends on; the DSN cannot override it.
func configureMySQL(given *mysql.Config) *mysql.Config {
	c := given.Clone()
	c.ParseTime = true
	c.Loc = time.UTC
	c.ClientFoundRows = true // an update that changes nothing has still found its row, as in SQLite
	c.InterpolateParams = true
	c.MultiStatements = false
	c.Collation = "utf8mb4_bin"
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	params := maps.Clone(c.Params)
	if params == nil {
		params = map[string]string{}
	}
	params["time_zone"] = "'+00:00'"
	params["sql_mode"] = "'TRADITIONAL'"
	params["innodb_lock_wait_timeout"] = lockWaitSeconds
	params["wait_timeout"] = idleSeconds
	c.Params = params
	return c
}

// readCommitted sets the isolation of every new connection, in the one way that
// MySQL and MariaDB share; the variable's name differs. within bounds a connection with
// its greeting: the driver's own timeout is for TCP only, and database/sql opens some
// connections on nobody's behalf, without a deadline.
type readCommitted struct {
	driver.Connector
	within time.Duration
}

func (r readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.within)
	defer cancel()
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the MySQL driver cannot execute statements"), conn.Close())
	}
	if _, err := execer.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return nil, errors.Join(fmt.Errorf("set READ COMMITTED: %w", err), conn.Close())
	}
	return conn, nil
}

// checkMySQL refuses a server that acknowledges commits before they are on disk.
func checkMySQL(ctx context.Context, pool *sql.DB, allowUnsafe bool) error {
	values := map[string]string{}
	for _, name := range []string{"innodb_flush_log_at_trx_commit", "log_bin", "sync_binlog"} {
		value, err := variable(ctx, pool, name)
		if err != nil {
			return err
		}
		values[name] = value
	}
	if allowUnsafe {
		return nil
	}
	return durable(values)
}

func durable(values map[string]string) error {
	if flush := values["innodb_flush_log_at_trx_commit"]; flush != "1" {
		return fmt.Errorf("MySQL runs with innodb_flush_log_at_trx_commit=%s, want 1: acknowledged data could be lost", flush)
	}
	binlog := values["log_bin"] == "1" || strings.EqualFold(values["log_bin"], "on")
	if sync := values["sync_binlog"]; binlog && sync != "1" {
		return fmt.Errorf("MySQL runs with log_bin on and sync_binlog=%s, want 1: acknowledged data could be lost", sync)
	}
	return nil
}

// variable reads a server variable; name is a constant of this file.
func variable(ctx context.Context, pool *sql.DB, name string) (string, error) {
	var value string
	if err := pool.QueryRowContext(ctx, "SELECT @@GLOBAL."+name).Scan(&value); err != nil {
		return "", fmt.Errorf("read MySQL's %s: %w", name, err)
	}
	return value, nil
}
