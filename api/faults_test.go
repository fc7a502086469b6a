package api_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/internal/flaky"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// named is a submission with an id of the product's own.
func named(id string) object {
	return submission(func(b object) { b["external_id"] = id })
}

// troubled is a harness on the MySQL that BELFRY_TEST_MYSQL_DSN names, over a line
// that the test may trouble. Requests have a second.
func troubled(t *testing.T) (*harness, *flaky.Line) {
	t.Helper()
	var line *flaky.Line
	cfg := through(t, storetest.MySQL(t), func(c *mysql.Config) {
		line = flaky.New(t, c.Addr)
		c.Addr = line.Address()
	})
	h := newHarnessOn(t, cfg, func(c *operation.Config) { c.RequestTimeout = time.Second })
	h.seed()
	t.Cleanup(line.Heal) // the database is dropped over it
	return h, line
}

// through changes the way to a MySQL.
func through(t *testing.T, cfg store.Config, change func(*mysql.Config)) store.Config {
	t.Helper()
	parsed, err := mysql.ParseDSN(strings.TrimPrefix(cfg.DSN, "mysql://"))
	require.NoError(t, err)
	change(parsed)
	cfg.DSN = "mysql://" + parsed.FormatDSN()
	return cfg
}

// unavailable asks and wants a 503 within the time.
func unavailable(t *testing.T, within time.Duration, ask func() *answer) {
	t.Helper()
	began := time.Now()
	got := ask()
	require.Less(t, time.Since(began), within, got.what)
	wantUnavailable(t, got)
}

// wantUnavailable wants a 503 that says when to come again.
func wantUnavailable(t *testing.T, got *answer) {
	t.Helper()
	got.wants(http.StatusServiceUnavailable)
	wait, err := strconv.Atoi(got.header.Get("Retry-After"))
	require.NoError(t, err, "%s announces no wait", got.what)
	require.LessOrEqual(t, wait, 2)
}

// submitted counts the notifications of the product.
func submitted(h *harness) int {
	h.t.Helper()
	return len(h.as(h.product).get("/v1/notifications?limit=100").wants(http.StatusOK).items("id"))
}

// F18: without the database nothing is accepted, at once and in so many words; with
// it everything goes on, without a person.
func TestADatabaseThatIsDownIsUnavailableUntilItIsBack(t *testing.T) {
	t.Parallel()
	h, line := troubled(t)
	product := h.as(h.product)
	submit := func() *answer { return product.key("k").post(notificationsPath, named("1")) }
	line.Cut()
	unavailable(t, 2*time.Second, submit)
	unavailable(t, 2*time.Second, func() *answer { return h.as(h.root).get("/v1/inbox/messages") })
	h.as(h.anonymous).get("/healthz").wants(http.StatusOK)
	h.as(h.anonymous).get("/readyz").wants(http.StatusServiceUnavailable)
	line.Heal()
	submit().wants(http.StatusAccepted)
	h.as(h.anonymous).get("/readyz").wants(http.StatusOK)
	require.Equal(t, 1, submitted(h))
}

// F23: a database that answers after five seconds holds no request longer than its
// time, and no connection longer than that.
func TestASlowDatabaseHoldsNobodyLongerThanTheirTime(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(*flaky.Line){
		"slow":   func(l *flaky.Line) { l.Slow(5 * time.Second) },
		"silent": func(l *flaky.Line) { l.Silence() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, line := troubled(t)
			trouble(line)
			const parallel = 40 // more than there are connections
			began, answers := time.Now(), make(chan *answer, parallel)
			for i := range parallel {
				go func() { answers <- h.as(h.product).post(notificationsPath, named(strconv.Itoa(i))) }()
			}
			h.as(h.anonymous).get("/healthz").wants(http.StatusOK)
			require.Less(t, time.Since(began), time.Second, "the process itself must answer at once")
			for range parallel {
				wantUnavailable(t, <-answers)
			}
			require.Less(t, time.Since(began), 4*time.Second)
			line.Heal()
			// Whoever waits for a connection that was being opened hears of its end.
			require.Eventually(t, func() bool {
				return h.as(h.product).post(notificationsPath, named("later")).status == http.StatusAccepted
			}, 2*time.Second, 10*time.Millisecond, "the database is back, and nobody notices")
		})
	}
}

// F20: the connection ends after some number of bytes that the database answers, all
// over a submission, and at every few bytes near its end: that is the commit. Whoever
// repeats has one notification.
func TestALostAnswerOfTheDatabaseMakesNoSecondNotification(t *testing.T) {
	t.Parallel()
	h, line := troubled(t)
	cuts := 0
	cut := func(limit int) (whole bool) {
		id := strconv.Itoa(limit)
		submit := func() *answer { return h.as(h.product).key(id).post(notificationsPath, named(id)) }
		h.as(h.anonymous).get("/readyz").wants(http.StatusOK) // there is a connection
		line.DropAnswers(limit)
		first := submit()
		line.Heal()
		if whole = first.status == http.StatusAccepted; !whole {
			first.wants(http.StatusServiceUnavailable)
			cuts++
		}
		stored := submit().wants(http.StatusAccepted).field("id")
		if whole {
			require.Equal(t, first.field("id"), stored)
		}
		found := h.as(h.product).get(notificationsPath + "?external_id=" + id).wants(http.StatusOK).items("id")
		require.Len(t, found, 1, "the answer was lost after %d bytes", limit)
		return whole
	}
	const coarse, fine = 101, 4 // an answer without rows is 11 bytes
	end := 1
	for !cut(end) {
		end += coarse
	}
	for limit := end - coarse - 2*fine; limit < end+2*fine; limit += fine {
		if limit != end && limit != end-coarse {
			cut(limit)
		}
	}
	require.Greater(t, cuts, 10, "the line never broke in the middle")
	t.Logf("the answers were lost at %d places", cuts)
}

// F22: what cannot be written down is not done.
func TestAReadOnlyDatabaseIsReadAndNothingIsDone(t *testing.T) {
	t.Parallel()
	cfg := storetest.MySQL(t)
	admin, restricted := restrictedTo(t, cfg)
	h := newHarnessOn(t, restricted)
	h.seed()
	root, product := h.as(h.root), h.as(h.product)
	before := len(root.get("/v1/operations?limit=100").wants(http.StatusOK).items("id"))
	readOnly := func(on bool) {
		_, err := admin.ExecContext(context.WithoutCancel(t.Context()), fmt.Sprintf("SET GLOBAL read_only = %t", on))
		require.NoError(t, err)
	}
	readOnly(true)
	defer readOnly(false)
	root.get("/v1/inbox/messages").wants(http.StatusOK)
	root.get("/v1/users").wants(http.StatusOK)
	unavailable(t, 5*time.Second, func() *answer { return product.key("k").post(notificationsPath, named("1")) })
	unavailable(t, 5*time.Second, func() *answer {
		return root.post("/v1/users", object{"name": "new", "password": goodPassword})
	})
	h.as(h.anonymous).get("/readyz").wants(http.StatusServiceUnavailable).complains("parts/storage", "failed")
	require.NotEqual(t, http.StatusCreated, h.as(h.reader).post("/v1/users", object{"name": "new", "password": goodPassword}).status)
	readOnly(false)
	h.as(h.anonymous).get("/readyz").wants(http.StatusOK)
	require.Len(t, root.get("/v1/operations?limit=100").wants(http.StatusOK).items("id"), before, "nothing was done, and nothing is recorded")
	require.Zero(t, submitted(h))
	product.key("k").post(notificationsPath, named("1")).wants(http.StatusAccepted)
}

// restrictedTo makes an account of the database server that read_only applies to.
func restrictedTo(t *testing.T, cfg store.Config) (admin *sql.DB, restricted store.Config) {
	t.Helper()
	name, password := "u"+strings.ToLower(rand.Text()[:12]), rand.Text()
	restricted = through(t, cfg, func(c *mysql.Config) {
		var err error
		admin, err = sql.Open("mysql", c.FormatDSN())
		require.NoError(t, err)
		for _, statement := range []string{
			"CREATE USER " + name + "@'%' IDENTIFIED BY '" + password + "'",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON " + c.DBName + ".* TO " + name + "@'%'",
		} {
			_, err := admin.ExecContext(t.Context(), statement)
			require.NoError(t, err)
		}
		c.User, c.Passwd = name, password
	})
	t.Cleanup(func() {
		_, err := admin.ExecContext(context.Background(), "DROP USER "+name+"@'%'")
		require.NoError(t, errors.Join(err, admin.Close()))
	})
	return admin, restricted
}

// F39: a disk without room refuses writes and keeps what it has; room is all it
// takes to go on.
func TestAFullDiskRefusesWritesUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("belfry", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, 0)) })
	cfg := storetest.SQLite(t)
	path, _, _ := strings.Cut(strings.TrimPrefix(cfg.DSN, "sqlite://"), "?")
	image, err := os.ReadFile(path)
	require.NoError(t, err)
	moved := filepath.Join(disk, "belfry.db")
	require.NoError(t, os.WriteFile(moved, image, 0o600))
	cfg.DSN = "sqlite://" + moved
	h := newHarnessOn(t, cfg)
	h.seed()
	submit := func(id string) *answer { return h.as(h.product).key(id).post(notificationsPath, named(id)) }
	submit("before").wants(http.StatusAccepted)

	ballast := filepath.Join(disk, "ballast")
	require.ErrorIs(t, os.WriteFile(ballast, make([]byte, 16<<20), 0o600), syscall.ENOSPC)
	h.as(h.anonymous).get("/readyz").wants(http.StatusServiceUnavailable).complains("parts/storage", "failed")
	accepted, refused := 1, 0
	for i := range 200 { // there is some room left in the database's own files
		switch got := submit(strconv.Itoa(i)); got.status {
		case http.StatusAccepted:
			accepted++
		case http.StatusServiceUnavailable:
			refused++
		default:
			t.Fatalf("%d: %s", got.status, got.body)
		}
	}
	require.Positive(t, refused, "the disk was never full")
	h.as(h.root).get("/v1/inbox/messages").wants(http.StatusOK)
	h.as(h.anonymous).get("/healthz").wants(http.StatusOK)
	require.NoError(t, os.Remove(ballast))
	h.as(h.anonymous).get("/readyz").wants(http.StatusOK)
	submit("after").wants(http.StatusAccepted)
	require.NoError(t, h.store.Close())
	require.Equal(t, accepted+1, intact(t, moved))
}

// intact checks the whole file and counts its notifications.
func intact(t *testing.T, path string) int {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var verdict string
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
	require.Equal(t, "ok", verdict)
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM notifications").Scan(&n))
	return n
}
