// These tests run on MySQL or MariaDB, too, where BELFRY_TEST_MYSQL_DSN names a server.
package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/engine"
	"belfry.dev/belfry/store/storetest"
	"gorm.io/gorm"
)

func open(t *testing.T, cfg engine.Config) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // the test is over
	return e
}

func of(cfg store.Config) engine.Config {
	return engine.Config{DSN: cfg.DSN, AllowUnsafe: cfg.AllowUnsafe}
}

func emptySQLite(t *testing.T) engine.Config {
	t.Helper()
	return engine.Config{DSN: "sqlite://" + filepath.Join(t.TempDir(), "a folder, 50% é #1", "belfry.db")}
}

func TestSQLiteIsDurableAndPrivate(t *testing.T) {
	t.Parallel()
	cfg := emptySQLite(t)
	e := open(t, cfg)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := e.Writer.Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil || got != want {
			t.Errorf("%s = %s, %v, want %s", pragma, got, err, want)
		}
	}
	if err := e.Reader.Exec("CREATE TABLE x (y)").Error; err == nil {
		t.Error("a reader can write")
	}
	info, err := os.Stat(strings.TrimPrefix(cfg.DSN, "sqlite://"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v, want 0600", info.Mode(), err)
	}
	if err := e.Ping(t.Context()); err != nil {
		t.Errorf("Ping() = %v", err)
	}
}

func TestMySQLSessionIsWhatCorrectnessNeeds(t *testing.T) {
	t.Parallel()
	e := open(t, of(storetest.EmptyMySQL(t)))
	var got struct{ Zone, Mode, Wait, Idle string }
	err := e.Writer.Raw("SELECT @@time_zone AS zone, @@sql_mode AS mode, @@innodb_lock_wait_timeout AS wait, @@wait_timeout AS idle").
		Scan(&got).Error
	if err != nil || got.Zone != "+00:00" || !strings.Contains(got.Mode, "STRICT_ALL_TABLES") || got.Wait != "3" || got.Idle != "30" {
		t.Errorf("session = %+v, %v", got, err)
	}
	var isolation []struct{ VariableName, Value string }
	err = e.Writer.Raw("SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')").Scan(&isolation).Error
	if err != nil || len(isolation) == 0 {
		t.Fatalf("isolation: %v", err)
	}
	for _, each := range isolation {
		if each.Value != "READ-COMMITTED" {
			t.Errorf("isolation = %s, want READ-COMMITTED", each.Value)
		}
	}
}

// A process that is suspended in the middle of a transaction looks like this to the
// server: it has locks and asks nothing.
func TestWhoAsksNothingLosesItsLocks(t *testing.T) {
	t.Parallel()
	cfg := of(storetest.EmptyMySQL(t))
	suspended, other := open(t, cfg), open(t, cfg)
	if err := other.Writer.Exec("CREATE TABLE x (id INT PRIMARY KEY, y INT)").Error; err != nil {
		t.Fatal(err)
	}
	tx := suspended.Writer.Begin()
	if err := tx.Exec("INSERT INTO x VALUES (1, 1)").Error; err != nil {
		t.Fatal(err)
	}
	const patience = 20 // waits of three seconds each
	var err error
	for range patience {
		if err = other.Writer.Exec("INSERT INTO x VALUES (1, 2)").Error; err == nil {
			break
		}
	}
	if err != nil {
		t.Errorf("the row is still locked: %v", err)
	}
	if err := tx.Commit().Error; err == nil {
		t.Error("the suspended process committed what the server had rolled back")
	}
}

func migrateEach(t *testing.T, test func(*testing.T, engine.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, emptySQLite(t)) })
	t.Run("mysql", func(t *testing.T) { t.Parallel(); test(t, of(storetest.EmptyMySQL(t))) })
}

func TestManyProcessesMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	migrateEach(t, func(t *testing.T, cfg engine.Config) {
		if current, err := open(t, cfg).Current(t.Context()); current || err != nil {
			t.Errorf("Current() = %v, %v before the migration", current, err)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := engine.Migrate(t.Context(), cfg); err != nil {
					t.Errorf("Migrate: %v", err)
				}
			})
		}
		wg.Wait()
		e := open(t, cfg)
		if current, err := e.Current(t.Context()); !current || err != nil {
			t.Errorf("Current() = %v, %v after the migration", current, err)
		}
		var versions []int64
		if err := e.Reader.Raw("SELECT version_id FROM goose_db_version ORDER BY id").Scan(&versions).Error; err != nil {
			t.Fatal(err)
		}
		if compact := slices.Compact(slices.Clone(versions)); len(compact) != len(versions) {
			t.Errorf("migrations ran more than once: %v", versions)
		}
	})
}

// TestMigrationThatWasKilledIsRepeated leaves MySQL, which commits each table by
// itself, as a crash would: with some tables and no record of the migration.
func TestMigrationThatWasKilledIsRepeated(t *testing.T) {
	t.Parallel()
	cfg := of(storetest.EmptyMySQL(t))
	if err := engine.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	e := open(t, cfg)
	for _, statement := range []string{"DROP TABLE seals", "DROP TABLE throttles", "DELETE FROM goose_db_version WHERE version_id > 0", "DELETE FROM operation_heads"} {
		if err := e.Writer.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := engine.Migrate(t.Context(), cfg); err != nil {
		t.Fatalf("second migration: %v", err)
	}
	var heads int64
	if err := e.Reader.Raw("SELECT COUNT(*) FROM operation_heads").Scan(&heads).Error; err != nil || heads != 1 {
		t.Errorf("%d heads, %v, want the platform's", heads, err)
	}
}

func TestDuplicateKeysAreOneErrorOnBothDatabases(t *testing.T) {
	t.Parallel()
	migrateEach(t, func(t *testing.T, cfg engine.Config) {
		e := open(t, cfg)
		for _, statement := range []string{"CREATE TABLE x (a INTEGER PRIMARY KEY, b INTEGER)", "CREATE UNIQUE INDEX x_b ON x (b)", "INSERT INTO x VALUES (1, 1)"} {
			if err := e.Writer.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		for _, statement := range []string{"INSERT INTO x VALUES (1, 2)", "INSERT INTO x VALUES (2, 1)"} {
			if err := e.Writer.Exec(statement).Error; err == nil || err.Error() != gorm.ErrDuplicatedKey.Error() {
				t.Errorf("%s: error = %v, want %v", statement, err, gorm.ErrDuplicatedKey)
			}
		}
	})
}

// TestWriterOfAnotherProcessIsWaitedFor holds SQLite's write lock elsewhere.
func TestWriterOfAnotherProcessIsWaitedFor(t *testing.T) {
	t.Parallel()
	cfg := emptySQLite(t)
	e := open(t, cfg)
	path := (&url.URL{Scheme: "file", Path: strings.TrimPrefix(cfg.DSN, "sqlite://")}).String()
	other, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // the test is over
	held, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := e.Transaction(ctx, func(*gorm.DB) error { return nil }); !engine.Unavailable(err) {
		t.Errorf("with a short deadline: error = %v, want unavailable", err)
	}
	done := make(chan error)
	go func() { done <- e.Transaction(t.Context(), func(*gorm.DB) error { return nil }) }()
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("after the other has ended: %v", err)
	}
}

// column is what both schemas must agree on.
type column struct {
	nullable bool
	family   string
}

func family(declared string) string {
	declared = strings.ToLower(declared)
	for prefix, name := range map[string]string{
		"varchar": "text", "text": "text", "longtext": "text", "mediumtext": "text", "varbinary": "blob", "longblob": "blob", "blob": "blob",
		"tinyint": "int", "bigint": "int", "integer": "int", "boolean": "int", "datetime": "time",
	} {
		if strings.HasPrefix(declared, prefix) {
			return name
		}
	}
	return declared
}

// TestSchemasAreTheSame compares tables, columns, nullability and indexes.
func TestSchemasAreTheSame(t *testing.T) {
	t.Parallel()
	lite, my := open(t, of(storetest.SQLite(t))), open(t, of(storetest.MySQL(t)))
	compare(t, "column", sqliteColumns(t, lite), mysqlColumns(t, my))
	compare(t, "index", sqliteIndexes(t, lite), mysqlIndexes(t, my))
}

func compare[V comparable](t *testing.T, what string, lite, my map[string]V) {
	t.Helper()
	names := maps.Clone(lite)
	maps.Copy(names, my)
	for name := range names {
		a, inLite := lite[name]
		b, inMy := my[name]
		if !inLite || !inMy || a != b {
			t.Errorf("%s %s: SQLite %v %+v, MySQL %v %+v", what, name, inLite, a, inMy, b)
		}
	}
	if len(names) < 50 {
		t.Errorf("only %d of %s were compared", len(names), what)
	}
}

type schemaRow struct {
	Tab, Name, Declared string
	Nullable            bool
	Uniq                bool
	Columns             string
}

func rows(t *testing.T, e *engine.Engine, query string) []schemaRow {
	t.Helper()
	var list []schemaRow
	if err := e.Reader.Raw(query).Scan(&list).Error; err != nil {
		t.Fatal(err)
	}
	return list
}

func columns(list []schemaRow) map[string]column {
	out := map[string]column{}
	for _, row := range list {
		out[row.Tab+"."+row.Name] = column{nullable: row.Nullable, family: family(row.Declared)}
	}
	return out
}

func sqliteColumns(t *testing.T, e *engine.Engine) map[string]column {
	t.Helper()
	return columns(rows(t, e, "SELECT m.name AS tab, c.name AS name, c.type AS declared, c.`notnull` = 0 AS nullable FROM sqlite_master m "+
		"JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%'"))
}

func mysqlColumns(t *testing.T, e *engine.Engine) map[string]column {
	t.Helper()
	return columns(rows(t, e, "SELECT table_name AS tab, column_name AS name, column_type AS declared, is_nullable = 'YES' AS nullable "+
		"FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%'"))
}

// indexes are named by what they index: SQLite names those of primary keys itself.
func indexes(list []schemaRow) map[string]string {
	out := map[string]string{}
	for _, row := range list {
		name := row.Name
		if strings.HasPrefix(name, "sqlite_autoindex") || name == "PRIMARY" {
			name = "PRIMARY"
		}
		out[row.Tab+"."+name] = fmt.Sprintf("(%s) unique %v", row.Columns, row.Uniq)
	}
	return out
}

func sqliteIndexes(t *testing.T, e *engine.Engine) map[string]string {
	t.Helper()
	return indexes(rows(t, e, "SELECT m.name AS tab, i.name AS name, i.`unique` AS uniq, "+
		"(SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) AS columns FROM sqlite_master m "+
		"JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND m.name NOT LIKE 'goose%'"))
}

func mysqlIndexes(t *testing.T, e *engine.Engine) map[string]string {
	t.Helper()
	return indexes(rows(t, e, "SELECT table_name AS tab, index_name AS name, MIN(non_unique) = 0 AS uniq, "+
		"GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns FROM information_schema.statistics "+
		"WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%' GROUP BY table_name, index_name"))
}

// TestOnlyPortableNames keeps out what only one of MySQL and MariaDB knows.
func TestOnlyPortableNames(t *testing.T) {
	t.Parallel()
	e := open(t, of(storetest.MySQL(t)))
	var collations []string
	err := e.Reader.Raw("SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = DATABASE() " +
		"AND collation_name IS NOT NULL AND table_name NOT LIKE 'goose%'").Scan(&collations).Error
	if err != nil || !slices.Equal(collations, []string{"utf8mb4_bin"}) {
		t.Errorf("collations = %v, %v, want utf8mb4_bin only", collations, err)
	}
}

// TestOlderProgramWorksOnANewerSchema is what makes going one version back safe.
func TestOlderProgramWorksOnANewerSchema(t *testing.T) {
	t.Parallel()
	migrateEach(t, func(t *testing.T, cfg engine.Config) {
		if err := engine.Migrate(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		e := open(t, cfg)
		if err := e.Writer.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)").Error; err != nil {
			t.Fatal(err)
		}
		if current, err := e.Current(t.Context()); !current || err != nil {
			t.Errorf("Current() = %v, %v on a newer schema", current, err)
		}
		if err := engine.Migrate(t.Context(), cfg); err != nil {
			t.Errorf("Migrate() = %v on a newer schema", err)
		}
	})
}
