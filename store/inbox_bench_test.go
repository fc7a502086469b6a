package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// Sizes of the benchmarks (performance budget P8).
const (
	bigInbox = 1_000_000
	sweeping = 10_000
)

// bigHouse is a store with one big inbox, in which every tenth message is unread,
// and its connections below gorm.
type bigHouse struct {
	*inbox
	mysql           bool
	readers, writer *sql.DB
}

// BenchmarkInbox compares the store with the bare statements over the same rows:
// run it with -count=5 and compare the medians of "ours" and "bare".
func BenchmarkInbox(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkInbox(b, storetest.SQLite(b), false) })
	b.Run("mysql", func(b *testing.B) { benchmarkInbox(b, storetest.MySQL(b), true) })
}

func benchmarkInbox(b *testing.B, cfg store.Config, mysql bool) {
	h := &bigHouse{inbox: inboxOf(storetest.Open(b, cfg)), mysql: mysql}
	var err error
	if h.readers, h.writer, err = store.Bare(h.s); err != nil {
		b.Fatal(err)
	}
	h.fill(b)
	unread := models.Unread
	for name, filter := range map[string]models.InboxFilter{
		"all": {}, "unread": {State: &unread}, "category": {Category: "c3"}, "type": {Type: "c3.t19", State: &unread},
		"last year": {From: benchStart, To: benchStart.Add(time.Hour)},
	} {
		b.Run("page/"+name+"/ours", func(b *testing.B) { h.benchPage(b, filter) })
		b.Run("page/"+name+"/bare", func(b *testing.B) { h.benchBarePage(b, filter) })
	}
	b.Run("unread/ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := h.Unread(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unread/bare", func(b *testing.B) {
		for b.Loop() {
			h.bareNumber(b, "SELECT COUNT(*) FROM messages "+h.hint("messages_read")+" WHERE account_id = ? AND owner = '' AND read_state = 0", h.key.AccountID)
		}
	})
	b.Run("mark all/ours", func(b *testing.B) { h.benchMark(b, h.mark) })
	b.Run("mark all/bare", func(b *testing.B) { h.benchMark(b, h.markBare) })
}

var benchStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// fill makes the messages by doubling them.
func (h *bigHouse) fill(b *testing.B) {
	b.Helper()
	messages := plain(1000)
	for i := range messages {
		messages[i].Category = fmt.Sprint("c", i%7)
		messages[i].Type = fmt.Sprintf("c%d.t%d", i%7, i%40)
		messages[i].Body = strings.Repeat("What happened and what to do. ", 10)
	}
	h.append(b, messages...)
	h.exec(b, "UPDATE messages SET created_at = ?, read_state = CASE WHEN seq % 10 = 0 THEN 0 ELSE 1 END, read_at = CASE WHEN seq % 10 = 0 THEN NULL ELSE ? END", benchStart, benchStart)
	id, at := "printf('msg_%032x', seq + ?)", "created_at + 1000000 * ?"
	if h.mysql {
		id, at = "CONCAT('msg_', LPAD(HEX(seq + ?), 32, '0'))", "created_at + INTERVAL ? SECOND"
	}
	for have := 1000; have < bigInbox; have *= 2 {
		more := min(have, bigInbox-have)
		h.exec(b, "INSERT INTO messages (id, account_id, owner, seq, notification_id, type, category, severity, language, title, body, link, search_text, read_at, read_by, read_by_name, created_at, read_state) SELECT "+
			id+", account_id, owner, seq + ?, notification_id, type, category, severity, language, title, body, link, search_text, read_at, read_by, read_by_name, "+at+", read_state FROM messages WHERE account_id = ? AND seq <= ?",
			have, have, have, h.key.AccountID, more)
	}
	h.exec(b, "UPDATE inbox_heads SET seq = ? WHERE account_id = ?", bigInbox, h.key.AccountID)
	if h.mysql {
		h.exec(b, "ANALYZE TABLE messages")
	}
}

func (h *bigHouse) exec(b *testing.B, statement string, args ...any) {
	b.Helper()
	if _, err := h.writer.ExecContext(b.Context(), statement, args...); err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}

func (h *bigHouse) hint(index string) string {
	if h.mysql {
		return "FORCE INDEX (" + index + ")"
	}
	return "INDEXED BY " + index
}

func (h *bigHouse) bareNumber(b *testing.B, statement string, args ...any) {
	b.Helper()
	var n int64
	if err := h.readers.QueryRowContext(b.Context(), statement, args...).Scan(&n); err != nil {
		b.Fatal(err)
	}
}

func (h *bigHouse) benchPage(b *testing.B, filter models.InboxFilter) {
	for b.Loop() {
		messages, _, err := h.Messages(b.Context(), filter, store.Page{})
		if err != nil || len(messages) != 20 {
			b.Fatalf("%d messages, %v", len(messages), err)
		}
	}
}

// benchBarePage runs the statements that the store runs for the page, without it.
func (h *bigHouse) benchBarePage(b *testing.B, filter models.InboxFilter) {
	tracer := store.Trace(h.s)
	if _, _, err := h.Messages(b.Context(), filter, store.Page{}); err != nil {
		b.Fatal(err)
	}
	statements := tracer.Take()
	store.Untrace(h.s)
	for i, statement := range statements { // the tracer shows times as text
		if !h.mysql {
			statements[i] = strings.NewReplacer("'2026-01-01 00:00:00'", fmt.Sprint(benchStart.UnixMicro()),
				"'2026-01-01 01:00:00'", fmt.Sprint(benchStart.Add(time.Hour).UnixMicro())).Replace(statement)
		}
	}
	for b.Loop() {
		for _, statement := range statements {
			h.bareRows(b, statement)
		}
	}
}

func (h *bigHouse) bareRows(b *testing.B, statement string) {
	rows, err := h.readers.QueryContext(b.Context(), statement)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // what could fail is in rows.Err
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// benchMark measures a change of the oldest unread messages, and undoes it.
func (h *bigHouse) benchMark(b *testing.B, change func(context.Context) (int64, error)) {
	for b.Loop() {
		n, err := change(b.Context())
		if err != nil || n != sweeping {
			b.Fatalf("marked %d: %v", n, err)
		}
		b.StopTimer()
		h.exec(b, "UPDATE messages SET read_state = 0, read_at = NULL WHERE account_id = ? AND owner = '' AND seq <= ? AND seq % 10 = 0", h.key.AccountID, 10*sweeping)
		b.StartTimer()
	}
}

func (h *bigHouse) mark(ctx context.Context) (n int64, err error) {
	err = h.s.Write(ctx, func(tx *store.Tx) error {
		swept, err := tx.In(h.key.AccountID).Inbox("").MarkAll(ctx, models.InboxFilter{}, 10*sweeping, store.Reader{ID: "usr_ann", Name: "ann"})
		n = swept.Changed
		return err
	})
	return n, err
}

func (h *bigHouse) markBare(ctx context.Context) (int64, error) {
	result, err := h.writer.ExecContext(ctx, "UPDATE messages "+h.hint("messages_read")+
		" SET read_state = 1, read_at = ?, read_by = ?, read_by_name = ? WHERE account_id = ? AND owner = '' AND read_state = 0 AND seq <= ?",
		benchStart, "usr_ann", "ann", h.key.AccountID, 10*sweeping)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
