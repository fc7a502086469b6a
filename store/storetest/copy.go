package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/engine/migrations"
)

// copied is a migrated database that is copied: a migration takes seconds.
type copied struct {
	admin *sql.DB
	name  string
	// tables are all, and filled those that the migration puts rows into.
	tables []string
	filled []filled
}

// filled is a table with rows, and its columns that are written, with commas between.
type filled struct{ table, columns string }

// original is there once per server and schema, for all processes. It stays.
var original = sync.OnceValues(func() (*copied, error) {
	ctx := context.Background()
	on, err := connect()
	if err != nil {
		return nil, err
	}
	schema, err := fingerprint()
	if err != nil {
		return nil, err
	}
	config := on.beside("original_" + schema)
	if _, err := on.admin.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+config.DBName); err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, storeConfig(config)); err != nil {
		return nil, err
	}
	c := &copied{admin: on.admin, name: config.DBName}
	return c, c.look(ctx)
})

// fingerprint tells schemas apart.
func fingerprint() (string, error) {
	sum := sha256.New()
	names, err := fs.Glob(migrations.Files, "mysql/*.sql")
	for _, name := range names {
		text, readErr := fs.ReadFile(migrations.Files, name)
		err = errors.Join(err, readErr)
		_, _ = sum.Write(text) // never fails
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), err
}

// look finds the tables and those with rows.
func (c *copied) look(ctx context.Context) error {
	rows, err := c.admin.QueryContext(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name", c.name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // nothing is lost
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return err
		}
		c.tables = append(c.tables, table)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, table := range c.tables {
		var some bool
		if err := c.admin.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+c.name+"."+table+")").Scan(&some); err != nil {
			return err
		}
		if !some {
			continue
		}
		columns, err := c.columns(ctx, table)
		if err != nil {
			return err
		}
		c.filled = append(c.filled, filled{table, columns})
	}
	return nil
}

// columns lists those of the table that are written: the others the server computes, and
// MySQL refuses to be told what they are.
func (c *copied) columns(ctx context.Context, table string) (string, error) {
	var list string
	err := c.admin.QueryRowContext(ctx, "SELECT GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY ordinal_position) FROM information_schema.columns "+
		"WHERE table_schema = ? AND table_name = ? AND COALESCE(generation_expression, '') = ''", c.name, table).Scan(&list)
	return list, err
}

// copyTo makes the tables, with the same rows, in an empty database.
func (c *copied) copyTo(ctx context.Context, name string) error {
	var script strings.Builder
	for _, table := range c.tables {
		fmt.Fprintf(&script, "CREATE TABLE %s.%s LIKE %s.%s;", name, table, c.name, table)
	}
	c.fill(&script, name)
	_, err := c.admin.ExecContext(ctx, script.String())
	return err
}

// fill writes the statements that put the rows of the migration into empty tables.
func (c *copied) fill(script *strings.Builder, name string) {
	for _, f := range c.filled {
		fmt.Fprintf(script, "INSERT INTO %s.%s (%s) SELECT %s FROM %s.%s;", name, f.table, f.columns, f.columns, c.name, f.table)
	}
}
