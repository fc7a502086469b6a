package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// pool are the databases that tests borrow: copies of the migrated one, that are emptied for
// the next test instead of dropped. Making one costs the server ten times as much.
//
// They have numbers, and belong to the process that holds the lock of their name. The server
// lets it go when the process ends, however that was: the next one takes them over.
type pool struct {
	on *server
	of *copied

	mu sync.Mutex
	// locks is the one connection that holds the locks.
	locks *sql.Conn
	// tried are the numbers that were asked for, free what no test has now.
	tried int
	free  []string
}

var shared = sync.OnceValues(func() (*pool, error) {
	on, err := connect()
	if err != nil {
		return nil, err
	}
	of, err := original()
	if err != nil {
		return nil, err
	}
	locks, err := on.admin.Conn(context.Background())
	return &pool{on: on, of: of, locks: locks}, err
})

// borrow returns a database with what the migration leaves, until the test ends.
func (p *pool) borrow(tb testing.TB) *mysql.Config {
	tb.Helper()
	name, err := p.take(tb.Context())
	if err == nil {
		err = p.of.restore(tb.Context(), name)
	}
	if err != nil {
		tb.Fatalf("prepare a database: %v", err)
	}
	tb.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free = append(p.free, name)
	})
	config := p.on.config.Clone()
	config.DBName = name
	return config
}

// take returns a database that is nobody else's.
func (p *pool) take(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		name := p.free[last]
		p.free = p.free[:last]
		return name, nil
	}
	for { // a cancelled query would close the connection, and let all locks go
		p.tried++
		name := fmt.Sprintf("%s_%d", p.of.name, p.tried)
		var mine bool
		if err := p.locks.QueryRowContext(context.WithoutCancel(ctx), "SELECT GET_LOCK(?, 0)", name).Scan(&mine); err != nil {
			return "", fmt.Errorf("lock %s: %w", name, err)
		}
		if mine {
			return name, nil
		}
	}
}

// restore brings the database to what the migration leaves, whatever it holds.
func (c *copied) restore(ctx context.Context, name string) error {
	var tables int
	err := c.admin.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?", name).Scan(&tables)
	if err != nil {
		return err
	}
	if tables == len(c.tables) {
		return c.empty(ctx, name)
	}
	if _, err := c.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+"; CREATE DATABASE "+name); err != nil {
		return err
	}
	return c.copyTo(ctx, name)
}

// empty takes the rows of a test away, and puts those of the migration back.
func (c *copied) empty(ctx context.Context, name string) error {
	var script strings.Builder
	script.WriteString("START TRANSACTION;")
	for _, table := range c.tables {
		fmt.Fprintf(&script, "DELETE FROM %s.%s;", name, table)
	}
	c.fill(&script, name)
	script.WriteString("COMMIT")
	_, err := c.admin.ExecContext(ctx, script.String())
	return err
}
