package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"belfry.dev/belfry/store"
)

// EnvMySQL names the server for tests.
const EnvMySQL = "BELFRY_TEST_MYSQL_DSN"

// MySQL returns the configuration of a fresh migrated database on the server for
// tests; it skips the test where there is none.
func MySQL(tb testing.TB) store.Config {
	tb.Helper()
	needServer(tb)
	p, err := shared()
	if err != nil {
		tb.Fatalf("migrate a database to copy: %v", err)
	}
	return storeConfig(p.borrow(tb))
}

// EmptyMySQL is MySQL before the migration.
func EmptyMySQL(tb testing.TB) store.Config {
	tb.Helper()
	return storeConfig(needServer(tb).create(tb))
}

// server is what the environment names.
type server struct {
	config *mysql.Config
	// admin makes and drops databases, for all tests of this process.
	admin *sql.DB
}

func needServer(tb testing.TB) *server {
	tb.Helper()
	if os.Getenv(EnvMySQL) == "" {
		tb.Skip(EnvMySQL + " names no server")
	}
	on, err := connect()
	if err != nil {
		tb.Fatal(err)
	}
	return on
}

var connect = sync.OnceValues(func() (*server, error) {
	config, err := mysql.ParseDSN(strings.TrimPrefix(os.Getenv(EnvMySQL), "mysql://"))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be parsed", EnvMySQL) // it carries a password
	}
	multi := config.Clone()
	multi.MultiStatements = true
	admin, err := sql.Open("mysql", multi.FormatDSN())
	return &server{config, admin}, err
})

// create makes a database beside the one that the environment names, and drops it at
// the end of the test.
func (on *server) create(tb testing.TB) *mysql.Config {
	tb.Helper()
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // never fails
	config := on.beside(hex.EncodeToString(raw))
	if _, err := on.admin.ExecContext(tb.Context(), "CREATE DATABASE "+config.DBName); err != nil {
		tb.Fatalf("create database: %v", err)
	}
	tb.Cleanup(func() {
		if _, err := on.admin.ExecContext(context.Background(), "DROP DATABASE "+config.DBName); err != nil {
			tb.Errorf("drop database: %v", err)
		}
	})
	return config
}

func (on *server) beside(suffix string) *mysql.Config {
	config := on.config.Clone()
	config.DBName += "_" + suffix
	return config
}

func storeConfig(config *mysql.Config) store.Config {
	return store.Config{DSN: "mysql://" + config.FormatDSN(), SecretKey: Secret(), AllowUnsafe: true, MaxConnections: 16}
}
