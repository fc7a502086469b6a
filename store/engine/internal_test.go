package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

func TestParseRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"", "belfry.db", "postgres://u:s3cret@host/db", "sqlite://", "sqlite://:memory:", "sqlite:///x.db?cache=shared",
		"sqlite:///x.db?synchronous=normal", "sqlite:///x.db?synchronous=off", "sqlite:///x.db?%zz",
		"mysql://u:s3cret@tcp(host:3306)/", "mysql://u:s3cret@tcp(host:3306", "mysql://u:s3cret@tcp(host)/db?timeout=x",
	} {
		_, err := parse(Config{DSN: dsn})
		if err == nil {
			t.Errorf("parse(%q) succeeds", dsn)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("parse(%q) tells the password: %v", dsn, err)
		}
	}
}

func TestParseUnderstands(t *testing.T) {
	t.Parallel()
	a, err := parse(Config{DSN: "sqlite:///var/lib/belfry/belfry.db"})
	if err != nil || a.dialect != SQLite || a.path != "/var/lib/belfry/belfry.db" || a.synchronous != "FULL" || a.connections != sqliteReaders {
		t.Errorf("parse(absolute) = %+v, %v", a, err)
	}
	b, err := parse(Config{DSN: "sqlite://data/belfry.db?synchronous=off", AllowUnsafe: true, MaxConnections: 3})
	if err != nil || !strings.HasSuffix(b.path, "/data/belfry.db") || b.path[0] != '/' || b.synchronous != "OFF" || b.connections != 3 {
		t.Errorf("parse(relative) = %+v, %v", b, err)
	}
	c, err := parse(Config{DSN: "mysql://u:p@tcp(host:3306)/db?tls=true&parseTime=false&loc=Local&clientFoundRows=false&time_zone=SYSTEM&sql_mode=''"})
	if err != nil || c.dialect != MySQL || c.connections != mysqlConnections {
		t.Fatalf("parse(mysql) = %+v, %v", c, err)
	}
	set := configureMySQL(c.mysql)
	if !set.ParseTime || set.Loc.String() != "UTC" || !set.ClientFoundRows || set.MultiStatements ||
		set.Params["time_zone"] != "'+00:00'" || set.Params["sql_mode"] != "'TRADITIONAL'" || set.TLSConfig != "true" {
		t.Errorf("the DSN overrides what correctness depends on: %+v", set)
	}
}

func TestDurableRefusesLateFlushes(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		flush, binlog, sync string
		ok                  bool
	}{
		{"1", "0", "0", true},
		{"1", "OFF", "0", true},
		{"1", "1", "1", true},
		{"1", "ON", "1", true},
		{"2", "0", "0", false},
		{"0", "1", "1", false},
		{"1", "1", "0", false},
		{"1", "on", "100", false},
		{"", "", "", false},
	} {
		err := durable(map[string]string{"innodb_flush_log_at_trx_commit": each.flush, "log_bin": each.binlog, "sync_binlog": each.sync})
		if (err == nil) != each.ok {
			t.Errorf("durable(%+v) = %v", each, err)
		}
	}
}

func TestFailuresAreClassified(t *testing.T) {
	t.Parallel()
	number := func(n uint16) error { return fmt.Errorf("wrapped: %w", &mysql.MySQLError{Number: n}) }
	for name, each := range map[string]struct {
		err                   error
		conflict, unavailable bool
	}{
		"nil":             {nil, false, false},
		"deadlock":        {number(1213), true, true},
		"lock wait":       {number(1205), true, true},
		"too many":        {number(1040), false, true},
		"read-only":       {number(1290), false, true},
		"disk full":       {number(1021), false, true},
		"duplicate":       {number(1062), false, false},
		"syntax":          {number(1064), false, false},
		"lost":            {mysql.ErrInvalidConn, false, true},
		"eof":             {io.ErrUnexpectedEOF, false, true},
		"refused":         {&net.OpError{Op: "dial", Err: errors.New("refused")}, false, true},
		"deadline":        {context.DeadlineExceeded, false, true},
		"caller has gone": {context.Canceled, false, false},
		"another":         {errors.New("another"), false, false},
	} {
		if Conflict(each.err) != each.conflict || Unavailable(each.err) != each.unavailable {
			t.Errorf("%s: Conflict = %v, Unavailable = %v, want %v, %v", name, Conflict(each.err), Unavailable(each.err), each.conflict, each.unavailable)
		}
	}
}

func TestRetryIsBounded(t *testing.T) {
	t.Parallel()
	deadlock, tries := &mysql.MySQLError{Number: mysqlDeadlock}, 0
	err := Retry(t.Context(), func() error {
		if tries++; tries < 4 {
			return deadlock
		}
		return nil
	})
	if err != nil || tries != 4 {
		t.Errorf("Retry() = %v after %d tries, want success after 4", err, tries)
	}
	tries = 0
	err = Retry(t.Context(), func() error { tries++; return deadlock })
	if !errors.Is(err, deadlock) || tries != retries+1 {
		t.Errorf("Retry() = %v after %d tries, want the conflict after %d", err, tries, retries+1)
	}
	tries = 0
	err = Retry(t.Context(), func() error { tries++; return io.ErrUnexpectedEOF })
	if tries != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Retry() = %v after %d tries of a lost connection, want one", err, tries)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tries = 0
	if err = Retry(ctx, func() error { tries++; return deadlock }); tries != 1 || !errors.Is(err, deadlock) {
		t.Errorf("Retry() = %v after %d tries without a caller, want one", err, tries)
	}
}
