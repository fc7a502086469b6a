package engine

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Sources: bounds of the pools. SQLite readers are CPU bound; MySQL's default
// of 151 connections is shared by all processes.
const (
	sqliteReaders    = 8
	mysqlConnections = 32
)

// target is a parsed DSN.
type target struct {
	dialect     Dialect
	path        string // SQLite: absolute
	synchronous string // SQLite: "FULL", or "OFF" when unsafe settings are allowed
	mysql       *mysql.Config
	allowUnsafe bool
	connections int
}

// errDSN never repeats the DSN: it carries a password.
var errDSN = errors.New(`the database DSN must start with "sqlite://" or "mysql://"`)

func parse(cfg Config) (target, error) {
	t := target{allowUnsafe: cfg.AllowUnsafe, connections: cfg.MaxConnections}
	if rest, ok := strings.CutPrefix(cfg.DSN, "sqlite://"); ok {
		return t.parseSQLite(rest)
	}
	if rest, ok := strings.CutPrefix(cfg.DSN, "mysql://"); ok {
		return t.parseMySQL(rest)
	}
	return t, errDSN
}

func (t target) parseSQLite(rest string) (target, error) {
	path, query, _ := strings.Cut(rest, "?")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return t, errors.New("the SQLite DSN needs the path of a file")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return t, fmt.Errorf("resolve the SQLite path: %w", err)
	}
	t.dialect, t.path, t.synchronous = SQLite, absolute, "FULL"
	if t.connections <= 0 {
		t.connections = sqliteReaders
	}
	return t.parseSQLiteOptions(query)
}

func (t target) parseSQLiteOptions(query string) (target, error) {
	options, err := url.ParseQuery(query)
	if err != nil {
		return t, errors.New("the options of the SQLite DSN cannot be parsed")
	}
	for name, values := range options {
		if name != "synchronous" || len(values) != 1 || !strings.EqualFold(values[0], "off") {
			return t, fmt.Errorf("unknown SQLite option %q", name)
		}
		if !t.allowUnsafe {
			return t, errors.New("synchronous=off loses acknowledged data when the machine stops; it is only allowed together with the override for unsafe databases")
		}
		t.synchronous = "OFF"
	}
	return t, nil
}

func (t target) parseMySQL(rest string) (target, error) {
	parsed, err := mysql.ParseDSN(rest)
	if err != nil {
		return t, fmt.Errorf("parse the MySQL DSN: %w", err)
	}
	if parsed.DBName == "" {
		return t, errors.New("the MySQL DSN names no database")
	}
	t.dialect, t.mysql = MySQL, parsed
	if t.connections <= 0 {
		t.connections = mysqlConnections
	}
	return t, nil
}
