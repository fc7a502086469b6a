// Package engine opens the databases that Belfry runs on, MySQL and SQLite, so
// that the rest of store sees one behaviour: durable commits, READ COMMITTED,
// UTC, exact comparison, one answer for a duplicate key and one for a conflict
// between transactions. It migrates the schema and knows no table by itself.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect names the kind of database.
type Dialect string

// Dialects.
const (
	SQLite Dialect = "sqlite"
	MySQL  Dialect = "mysql" // MariaDB and others that speak its protocol, too
)

// Config says which database to open.
type Config struct {
	// DSN is "sqlite:///absolute/path.db", "sqlite://relative/path.db" or
	// "mysql://user:password@tcp(host:3306)/name?tls=true".
	DSN string
	// AllowUnsafe opens a database whose settings may lose acknowledged commits.
	// With it "?synchronous=off" is understood after an SQLite path.
	AllowUnsafe bool
	// MaxConnections bounds the pool: of readers with SQLite, of all connections
	// with MySQL. Zero means 8 and 32.
	MaxConnections int
}

// Engine is an open database. Writer takes the transactions, Reader everything
// else; with MySQL both share one pool, with SQLite there is one writer.
type Engine struct {
	Dialect Dialect
	Writer  *gorm.DB
	Reader  *gorm.DB
	pools   []*sql.DB
	counts  *counters
	// places are those of transactions in MySQL's one pool; nil elsewhere.
	places *places
	// group shares SQLite's one writer; nil elsewhere. Its files are in folder, and refused
	// says that the newest transaction found no room there, or may not write.
	group   *group
	folder  string
	refused atomic.Bool
}

// Open opens the database and refuses one that could lose what it acknowledged,
// unless the configuration allows it. It does not migrate.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	target, err := parse(cfg)
	if err != nil {
		return nil, err
	}
	if target.dialect == SQLite {
		return openSQLite(ctx, target)
	}
	return openMySQL(ctx, target)
}

// Ping reports whether the database answers.
func (e *Engine) Ping(ctx context.Context) error {
	for _, pool := range e.pools {
		if err := pool.PingContext(ctx); err != nil {
			return fmt.Errorf("ping %s: %w", e.Dialect, err)
		}
	}
	return nil
}

// HasClock reports whether the database has a clock of its own: SQLite is a part of the
// process.
func (e *Engine) HasClock() bool { return e.Dialect == MySQL }

// Time is what the clock of the database's server shows, in UTC and microseconds.
func (e *Engine) Time(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := e.pools[0].QueryRowContext(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&at)
	return at.UTC(), err
}

// Stats returns what the pools do now: the writer's first, then the readers' if
// they have one of their own.
func (e *Engine) Stats() []sql.DBStats {
	var stats []sql.DBStats
	for _, pool := range e.pools {
		stats = append(stats, pool.Stats())
	}
	if e.places != nil {
		e.places.addTo(&stats[0])
	}
	return stats
}

// Close closes all connections.
func (e *Engine) Close() error {
	var errs []error
	for _, pool := range e.pools {
		errs = append(errs, pool.Close())
	}
	return errors.Join(errs...)
}

// Transaction runs fn in one transaction of the writer and commits when it
// returns nil. After a conflict with another transaction it runs fn again, a
// bounded number of times; see Retry.
func (e *Engine) Transaction(ctx context.Context, fn func(*gorm.DB) error) error {
	tries := int64(0)
	defer func() { e.counts.repeats.Add(max(0, tries-1)) }()
	err := Retry(ctx, func() error {
		tries++
		e.counts.transactions.Add(1)
		if e.group != nil {
			return e.group.run(ctx, fn)
		}
		leave, err := e.places.take(ctx)
		if err != nil {
			return err
		}
		defer leave()
		e.counts.commits.Add(1)
		return e.Writer.WithContext(ctx).Transaction(fn)
	})
	e.observe(err)
	return err
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		QueryFields:            true, // generated columns are not read
		DisableAutomaticPing:   true,
		CreateBatchSize:        100,
		NowFunc:                now,
		Logger:                 logger.Discard, // errors are returned, and logged once by who handles them
	}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
