package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	"modernc.org/sqlite" // registers the driver "sqlite"; nobody else may, the embedded Temporal server imports it too
)

const (
	driverSQLite = "sqlite"
	// busyTimeout is how long a writer of another process is waited for.
	busyTimeout = 5 * time.Second
	// preparedReads bounds the memory for compiled statements.
	preparedReads = 500
)

// openSQLite opens one writer, whose transactions begin IMMEDIATE so that none
// fails half-way with a stale snapshot, and a pool of readers.
func openSQLite(ctx context.Context, t target) (*Engine, error) {
	if err := createPrivate(t.path); err != nil {
		return nil, err
	}
	writer, err := sql.Open(driverSQLite, sqliteURI(t.path, t.synchronous, false))
	if err != nil {
		return nil, fmt.Errorf("open the SQLite writer: %w", err)
	}
	writer.SetMaxOpenConns(1)
	if err := checkSQLite(ctx, writer, t); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader, err := sql.Open(driverSQLite, sqliteURI(t.path, t.synchronous, true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the SQLite readers: %w", err), writer.Close())
	}
	reader.SetMaxOpenConns(t.connections)
	reader.SetMaxIdleConns(t.connections)
	e, err := assemble(SQLite, writer, reader, func(pool *sql.DB) gorm.Dialector { return sqliteDialector{pool} })
	if err == nil {
		e.group, e.folder = newGroup(e.Writer, e.counts), filepath.Dir(t.path)
	}
	return e, err
}

// createPrivate makes the file and its folder, readable by the owner only: the
// database holds messages and addresses.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create the database folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create the database file: %w", err)
	}
	return file.Close()
}

func sqliteURI(path, synchronous string, readOnly bool) string {
	options := url.Values{
		"_busy_timeout":        {strconv.FormatInt(busyTimeout.Milliseconds(), 10)},
		"_journal_mode":        {"WAL"},
		"_synchronous":         {synchronous},
		"_time_integer_format": {"unix_micro"},
		"_inttotime":           {"1"},
		"_dqs":                 {"0"},
		"_pragma":              {"cache_size(-16000)", "temp_store(memory)"},
	}
	if readOnly {
		options.Set("_query_only", "1")
	} else {
		options.Set("_txlock", "immediate")
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String()
}

func checkSQLite(ctx context.Context, writer *sql.DB, t target) error {
	var journal string
	var synchronous int
	if err := writer.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal); err != nil {
		return fmt.Errorf("open SQLite: %w", err)
	}
	if err := writer.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous); err != nil {
		return fmt.Errorf("open SQLite: %w", err)
	}
	const full = 2
	if !t.allowUnsafe && (journal != "wal" || synchronous < full) {
		return fmt.Errorf("SQLite runs with journal_mode=%s and synchronous=%d, want wal and %d: acknowledged data could be lost", journal, synchronous, full)
	}
	return nil
}

func assemble(dialect Dialect, writer, reader *sql.DB, dial func(*sql.DB) gorm.Dialector) (*Engine, error) {
	e := &Engine{Dialect: dialect, pools: []*sql.DB{writer}, counts: &counters{}}
	if reader != writer {
		e.pools = append(e.pools, reader)
	}
	var err error
	if e.Writer, err = gorm.Open(dial(writer), gormConfig()); err != nil {
		return nil, errors.Join(fmt.Errorf("open gorm on %s: %w", dialect, err), e.Close())
	}
	reading := gormConfig()
	// A quarter of a short read on SQLite is compiling it. MySQL interpolates in
	// one round trip instead, and a transaction would compile again anyway.
	reading.PrepareStmt, reading.PrepareStmtMaxSize = dialect == SQLite, preparedReads
	if e.Reader, err = gorm.Open(dial(reader), reading); err != nil {
		return nil, errors.Join(fmt.Errorf("open gorm on %s: %w", dialect, err), e.Close())
	}
	if err := errors.Join(e.counts.watch(e.Writer), e.counts.watch(e.Reader)); err != nil {
		return nil, errors.Join(fmt.Errorf("count statements on %s: %w", dialect, err), e.Close())
	}
	return e, nil
}

// sqliteDialector speaks SQLite to gorm, without its schema migrator.
type sqliteDialector struct{ pool *sql.DB }

func (d sqliteDialector) Name() string { return string(SQLite) }

func (d sqliteDialector) Initialize(db *gorm.DB) error {
	db.ConnPool = d.pool
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT"},
		UpdateClauses:        []string{"UPDATE", "SET", "WHERE"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE"},
		LastInsertIDReversed: true,
	})
	// The one writer needs no row locks, and SQLite knows none.
	db.ClauseBuilders["FOR"] = func(clause.Clause, clause.Builder) {}
	db.ClauseBuilders["LIMIT"] = buildSQLiteLimit
	return nil
}

// buildSQLiteLimit writes -1 for "no limit", without which SQLite takes no offset.
func buildSQLiteLimit(c clause.Clause, builder clause.Builder) {
	limit, ok := c.Expression.(clause.Limit)
	if !ok || (limit.Limit == nil && limit.Offset <= 0) {
		return
	}
	rows := -1
	if limit.Limit != nil {
		rows = *limit.Limit
	}
	_, _ = builder.WriteString("LIMIT " + strconv.Itoa(rows)) // the builder cannot fail
	if limit.Offset > 0 {
		_, _ = builder.WriteString(" OFFSET " + strconv.Itoa(limit.Offset))
	}
}

func (d sqliteDialector) Migrator(db *gorm.DB) gorm.Migrator {
	return migrator.Migrator{Config: migrator.Config{DB: db, Dialector: d}}
}

func (d sqliteDialector) DataTypeOf(field *schema.Field) string {
	switch field.DataType {
	case schema.Bool:
		return "BOOLEAN"
	case schema.Int, schema.Uint:
		return "INTEGER"
	case schema.Float:
		return "REAL"
	case schema.String:
		return "TEXT"
	case schema.Time:
		return "DATETIME"
	case schema.Bytes:
		return "BLOB"
	}
	return string(field.DataType)
}

func (d sqliteDialector) DefaultValueOf(*schema.Field) clause.Expression {
	return clause.Expr{SQL: "NULL"}
}

func (d sqliteDialector) BindVarTo(writer clause.Writer, _ *gorm.Statement, _ any) {
	_ = writer.WriteByte('?') // the builder cannot fail
}

// QuoteTo quotes a name; a dot separates the table from the column.
func (d sqliteDialector) QuoteTo(writer clause.Writer, name string) {
	_ = writer.WriteByte('`') // the builder cannot fail
	for _, c := range []byte(name) {
		switch c {
		case '`':
			_, _ = writer.WriteString("``")
		case '.':
			_, _ = writer.WriteString("`.`")
		default:
			_ = writer.WriteByte(c)
		}
	}
	_ = writer.WriteByte('`')
}

func (d sqliteDialector) Explain(statement string, vars ...any) string {
	return logger.ExplainSQL(statement, nil, `'`, vars...)
}

// SavePoint and RollbackTo let gorm nest transactions.
func (d sqliteDialector) SavePoint(tx *gorm.DB, name string) error {
	return tx.Exec("SAVEPOINT " + name).Error
}

func (d sqliteDialector) RollbackTo(tx *gorm.DB, name string) error {
	return tx.Exec("ROLLBACK TO SAVEPOINT " + name).Error
}

// Translate turns a violated unique index or primary key into gorm's error.
func (d sqliteDialector) Translate(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && (e.Code() == sqliteUnique || e.Code() == sqlitePrimaryKey) {
		return gorm.ErrDuplicatedKey
	}
	return err
}
