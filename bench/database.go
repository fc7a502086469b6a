//go:build bench

package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"belfry.dev/belfry/store"
)

// Kinds of databases.
const (
	onSQLite  = "sqlite"
	onMariaDB = "mariadb"
	onMySQL   = "mysql"
)

// environment names the server of a kind; the script of that name sets it.
func environment(kind string) string { return "BELFRY_TEST_DSN_" + strings.ToUpper(kind) }

// database is one that was made for the benchmarks.
type database struct {
	kind string
	dsn  string
	// bare is a connection below everything of ours: for bare programs, and to ask
	// the server what it did. It flushes every commit, as ours does.
	bare *sql.DB
	// writer is bare, or the one connection that writes SQLite best.
	writer *sql.DB
	drop   func() error
}

// newDatabase makes a database, migrated and empty.
func newDatabase(ctx context.Context, kind, dir string) (*database, error) {
	d := &database{kind: kind, drop: func() error { return nil }}
	var err error
	if kind == onSQLite {
		d.dsn = "sqlite://" + filepath.Join(dir, strings.ToLower(rand.Text())+".db")
	} else if err = d.create(ctx); err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, d.config()); err != nil {
		return nil, err
	}
	if kind == onSQLite {
		uri := "file:" + strings.TrimPrefix(d.dsn, "sqlite://") +
			"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=cache_size(-16000)&_txlock=immediate&_time_integer_format=unix_micro&_inttotime=1"
		if d.bare, err = sql.Open("sqlite", uri); err == nil {
			d.writer, err = sql.Open("sqlite", uri)
		}
		if err == nil {
			d.writer.SetMaxOpenConns(1)
		}
		return d, err
	}
	c, err := mysql.ParseDSN(strings.TrimPrefix(d.dsn, "mysql://"))
	if err != nil {
		return nil, errors.New(environment(d.kind) + " cannot be parsed")
	}
	c.ParseTime = true
	if d.bare, err = sql.Open("mysql", c.FormatDSN()); err == nil {
		d.bare.SetMaxIdleConns(32)
		d.bare.SetMaxOpenConns(32)
		d.writer = d.bare
	}
	return d, err
}

// create makes a database beside the one that the environment names.
func (d *database) create(ctx context.Context) error {
	c, err := mysql.ParseDSN(strings.TrimPrefix(os.Getenv(environment(d.kind)), "mysql://"))
	if err != nil {
		return errors.New(environment(d.kind) + " cannot be parsed")
	}
	admin, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		return err
	}
	c.DBName += "_" + strings.ToLower(rand.Text()[:12])
	name := c.DBName
	d.drop = func() error {
		_, err := admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name)
		return errors.Join(err, admin.Close())
	}
	d.dsn = "mysql://" + c.FormatDSN()
	_, err = admin.ExecContext(ctx, "CREATE DATABASE "+name)
	return err
}

func (d *database) config() store.Config {
	return store.Config{DSN: d.dsn, SecretKey: []byte("a fixed secret, as in tests 32 b")}
}

func (d *database) close() error { return errors.Join(d.bare.Close(), d.writer.Close(), d.drop()) }

// flushes is how often the server flushed so far; 0 where nobody counts: SQLite
// flushes once a transaction, and for checkpoints.
func (d *database) flushes(ctx context.Context) (int64, error) {
	if d.kind == onSQLite {
		return 0, nil
	}
	var sum int64
	for _, name := range []string{"Innodb_os_log_fsyncs", "Innodb_data_fsyncs"} {
		var label, value string
		err := d.bare.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE '"+name+"'").Scan(&label, &value)
		if errors.Is(err, sql.ErrNoRows) { // releases differ
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", name, err)
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return 0, err
		}
		sum = max(sum, n) // the second includes the first where both are counted
	}
	return sum, nil
}

// count is what a query counts.
func (d *database) count(ctx context.Context, query string, args ...any) (int, error) {
	var n int
	err := d.bare.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// size is what the database holds, in bytes.
func (d *database) size(ctx context.Context) (float64, error) {
	if d.kind == onSQLite {
		return pages(ctx, d.bare)
	}
	tables, err := d.tables(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := d.bare.ExecContext(ctx, "ANALYZE TABLE "+strings.Join(tables, ", ")); err != nil {
		return 0, err
	}
	var n float64
	err = d.bare.QueryRowContext(ctx, "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()").Scan(&n)
	return n, err
}

// tables are the names of the server's tables.
func (d *database) tables(ctx context.Context) ([]string, error) {
	rows, err := d.bare.QueryContext(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what could fail is in rows.Err
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// pages is what an SQLite file holds, in bytes, without the pages that it could use again.
func pages(ctx context.Context, db *sql.DB) (float64, error) {
	var used float64
	err := db.QueryRowContext(ctx, "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()").Scan(&used)
	return used, err
}

// cpu is what the server has computed so far, where it is a process of its own.
func (d *database) cpu(ctx context.Context) time.Duration {
	if d.kind == onSQLite {
		return 0
	}
	var file string
	if err := d.bare.QueryRowContext(ctx, "SELECT @@pid_file").Scan(&file); err != nil {
		return 0
	}
	pid, err := os.ReadFile(file)
	if err != nil {
		return 0 // another machine's
	}
	return cpuTimeOf(strings.TrimSpace(string(pid)))
}

// version names the server.
func (d *database) version(ctx context.Context) string {
	query := "SELECT CONCAT(IF(VERSION() LIKE '%MariaDB%', 'MariaDB ', 'MySQL '), VERSION())"
	if d.kind == onSQLite {
		query = "SELECT 'SQLite ' || sqlite_version()"
	}
	var version string
	if err := d.bare.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return d.kind
	}
	return version
}
