// Package store is the database: everything that Belfry knows, in MySQL or
// SQLite. It maps rows to models, keeps accounts apart, and turns what databases
// say into models.Error.
//
// # Doors
//
// Rows of an account are reached through a Scope, which is bound to one account and to
// what a Viewer sees of it: Store.In and Store.For read outside a transaction, Tx.In and
// Tx.For read and write inside one. A scope has a handle for each noun: In(account).Bots()
// reads bots, and in a transaction changes them. Rows without an account, and the few
// questions that cross accounts, are handles of Platform and TxPlatform. Each statement on
// a table with an account_id is checked by a gorm callback (guard.go): without the
// account's predicate it is refused before it reaches the database. Another (viewer.go)
// keeps statements to the viewer's categories.
//
// The function given to Write may run several times (a deadlock, a busy file):
// it must only use tx and assign results. Never call Write inside Write: SQLite
// has one writer. CONTRIBUTING.md shows how a noun is added.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/clock"
	"belfry.dev/belfry/store/engine"
	"belfry.dev/belfry/store/upkeep"
	"github.com/google/uuid"
	"gorm.io/gorm"
)

// Config says which database to open and with which secret.
type Config struct {
	// DSN is "sqlite:///path/belfry.db" or "mysql://user:password@tcp(host:port)/name".
	DSN string
	// SecretKey is the one secret of the configuration: 32 bytes. What is sealed
	// with it cannot be read without it.
	SecretKey []byte
	// Now is the clock; nil means the database's, or Local where the database has none of
	// its own (SQLite).
	Now func() time.Time
	// Local is the machine's clock; nil means the system's.
	Local func() time.Time
	// Logger gets what nobody else can be told; nil means none.
	Logger *slog.Logger
	// AllowUnsafe opens a database that may lose acknowledged commits.
	AllowUnsafe bool
	// MaxConnections bounds the pool; zero means 8 readers with SQLite and 32
	// connections with MySQL.
	MaxConnections int
}

func (c Config) engine() engine.Config {
	return engine.Config{DSN: c.DSN, AllowUnsafe: c.AllowUnsafe, MaxConnections: c.MaxConnections}
}

// Store is an open database. Its methods may be called by many goroutines.
type Store struct {
	engine *engine.Engine
	vault  *Vault
	now    func() time.Time
	log    *slog.Logger
	types  *typeCache
	// id is that of the row by which it learns whether the database takes writes.
	id string
	// stop ends what goes on in the background; nil for nothing.
	stop func()
}

// Open opens the database. It refuses a schema that is not migrated, settings
// that could lose acknowledged data, and a secret that is not the database's.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	keys, err := NewVault(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	e, err := engine.Open(ctx, cfg.engine())
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{engine: e, vault: keys, now: cfg.Now, log: cfg.Logger, types: newTypeCache(), id: uuid.NewString()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if cfg.Local == nil {
		cfg.Local = time.Now
	}
	if s.now == nil {
		err = s.goByDatabase(ctx, cfg.Local)
	}
	if err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	current, err := s.engine.Current(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if !current {
		return errors.New(`the database schema is older than this program; run "belfry migrate"`)
	}
	if err := errors.Join(guard(s.engine.Writer), guard(s.engine.Reader), limit(s.engine.Writer), limit(s.engine.Reader)); err != nil {
		return err
	}
	return s.checkSecret(ctx)
}

// Migrate brings the schema to the newest version; several processes may call it
// at once.
func Migrate(ctx context.Context, cfg Config) error {
	return engine.Migrate(ctx, cfg.engine())
}

// Close closes all connections.
func (s *Store) Close() error {
	if s.stop != nil {
		s.stop()
	}
	return s.engine.Close()
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return failed("ping", s.engine.Ping(ctx)) }

// Writable reports whether the database takes writes.
func (s *Store) Writable(ctx context.Context) error {
	return failed("write", s.engine.Writable(ctx, func(db *gorm.DB) error { return upkeep.Touch(db, s.id, s.Now()) }))
}

// Vault returns the keys derived from the configuration's secret.
func (s *Store) Vault() *Vault { return s.vault }

// Now is the store's clock, which all parts of a process go by: UTC, in microseconds as the
// database keeps them. With MySQL it is the database's; see clock.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Write runs fn in one transaction and commits when it returns nil. After a
// conflict with another transaction fn runs again, a bounded number of times; if
// that does not help, the error's code is unavailable. Nothing is left behind by
// an error, but when the connection is lost during the commit itself the outcome
// is unknown: idempotency keys make a repeat safe.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	err := s.engine.Transaction(ctx, func(db *gorm.DB) error {
		now := s.Now()
		return fn(&Tx{
			db:    db.Session(&gorm.Session{NewDB: true, NowFunc: func() time.Time { return now }}),
			vault: s.vault,
			now:   now,
		})
	})
	return failed("write", err)
}

// Tx is a transaction.
type Tx struct {
	db    *gorm.DB
	vault *Vault
	now   time.Time
}

// Now is the transaction's one instant, in UTC and microseconds.
func (tx *Tx) Now() time.Time { return tx.now }

// NewID returns a new id of the kind: its prefix and a UUIDv7 in hexadecimal.
// Ids grow with time; 74 bits are random.
func NewID(kind models.Kind) string { return newID(kind) }

// goByDatabase makes the database's clock the store's, where it has one.
func (s *Store) goByDatabase(ctx context.Context, local func() time.Time) error {
	if !s.engine.HasClock() {
		s.now = local
		return nil
	}
	begun := time.Now()
	c := clock.New(func() time.Duration { return time.Since(begun) }, local, s.engine.Time, s.log)
	if err := c.Set(ctx); err != nil {
		return failed("ask for the time", err)
	}
	s.now = c.Now
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Follow(following)
	}()
	s.stop = func() {
		stop()
		<-ended
	}
	return nil
}
