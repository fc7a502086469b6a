// Package storetest gives tests a migrated store of their own, in a moment: on
// SQLite, or on MySQL or MariaDB where BELFRY_TEST_MYSQL_DSN names a server
// ("mysql://user:password@tcp(host:port)/name"; databases are made and dropped
// beside the one named).
package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Secret is the secret key of every store that this package opens.
func Secret() []byte { return []byte("a fixed secret for tests, 32 byte")[:store.SecretSize] }

// New returns a migrated store on SQLite, closed at the end of the test. Its
// durability is switched off: a test's file is gone with the machine anyway.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, SQLite(tb))
}

// Open opens a store with the configuration, closed at the end of the test; for
// tests with a clock of their own.
func Open(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("open the store: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Each runs the test with a fresh store on the database of this run.
func Each(t *testing.T, test func(*testing.T, *store.Store)) {
	t.Helper()
	EachConfig(t, func(t *testing.T, cfg store.Config) { test(t, Open(t, cfg)) })
}

// EachConfig runs the test with the configuration of a fresh migrated database: on the
// server for tests where there is one, and on SQLite elsewhere. "make test" does both.
func EachConfig(t *testing.T, test func(*testing.T, store.Config)) {
	t.Helper()
	t.Run(kind(), func(t *testing.T) {
		t.Parallel()
		test(t, Fresh(t))
	})
}

func kind() string {
	if os.Getenv(EnvMySQL) != "" {
		return "mysql"
	}
	return "sqlite"
}

// Fresh returns the configuration of a fresh migrated database: on the server for tests
// where there is one, and on SQLite elsewhere.
func Fresh(tb testing.TB) store.Config {
	tb.Helper()
	if os.Getenv(EnvMySQL) != "" {
		return MySQL(tb)
	}
	return SQLite(tb)
}

// SQLite returns the configuration of a fresh migrated SQLite file.
func SQLite(tb testing.TB) store.Config {
	tb.Helper()
	image, err := migrated()
	if err != nil {
		tb.Fatalf("migrate SQLite: %v", err)
	}
	path := filepath.Join(tb.TempDir(), "belfry.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		tb.Fatalf("write SQLite file: %v", err)
	}
	return sqliteConfig(path)
}

func sqliteConfig(path string) store.Config {
	return store.Config{DSN: "sqlite://" + path + "?synchronous=off", SecretKey: Secret(), AllowUnsafe: true}
}

// migrated is a migrated SQLite file, made once per process.
var migrated = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // the image is in memory
	path := filepath.Join(folder, "belfry.db")
	if err := store.Migrate(context.Background(), sqliteConfig(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Account creates an account with a root user "root" and an account contact that
// has one verified e-mail address, billing@<alias>.example.
func Account(tb testing.TB, s *store.Store, alias string) store.NewAccount {
	tb.Helper()
	email := fmt.Sprintf("billing@%s.example", alias)
	in := store.NewAccount{
		Account: models.Account{Alias: alias, Name: "The " + alias + " company", Language: models.LocaleEN, TimeZone: "UTC", Enabled: true},
		Root:    models.User{Name: "root", DisplayName: "Root of " + alias, Enabled: true, Popups: true},
		Contact: models.Contact{Name: alias, Enabled: true, Addresses: []models.Address{
			{Channel: models.ChannelEmail, Value: email, ValueKey: email, State: models.AddressVerified},
		}},
	}
	err := s.Write(tb.Context(), func(tx *store.Tx) error {
		return tx.Platform().Accounts().Create(tb.Context(), &in)
	})
	if err != nil {
		tb.Fatalf("create account %s: %v", alias, err)
	}
	return in
}
