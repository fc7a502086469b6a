//go:build bench

package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"belfry.dev/belfry/bench/report"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// sweeping is how many messages are marked at once.
const sweeping = 10_000

// inbox is the first plain account's, with very many messages: every tenth is unread.
type inbox struct {
	*stage
	account models.AccountID
	size    int
}

// reading is P8.
func (b *bench) reading(ctx context.Context, s *stage) error {
	box := &inbox{stage: s, account: s.plain[0], size: b.many(1_000_000)}
	if err := box.fill(ctx); err != nil {
		return fmt.Errorf("fill the inbox: %w", err)
	}
	for _, q := range box.questions() {
		f, err := interleave(ctx, b.times, timed(b.many(600), q.ours), timed(b.many(600), q.bare))
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P8", q.name+", of "+thousands(box.size), s.db.kind, "ms", report.AtMost, 2
		b.add(f)
	}
	f, err := interleave(ctx, b.times, box.marking(box.mark), box.marking(box.markBare))
	if err != nil {
		return err
	}
	f.ID, f.Name, f.Database, f.Unit, f.Bound, f.Budget = "P8", fmt.Sprintf("mark %d as read", box.swept()), s.db.kind, "ms", report.AtMost, 1
	b.add(f)
	return nil
}

func thousands(n int) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%d,%03d,%03d", n/1_000_000, n/1000%1000, n%1000)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

var longAgo = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// fill makes a thousand messages and doubles them until they are enough.
func (x *inbox) fill(ctx context.Context) error {
	if x.db.kind != onSQLite { // as a server of this size would have
		if _, err := x.db.writer.ExecContext(ctx, "SET GLOBAL innodb_buffer_pool_size = 2147483648"); err != nil {
			return err
		}
	}
	body := strings.Repeat("What happened and what to do. ", 10)
	id, at := "printf('msg_%032x', seq + ?)", "created_at + 1000000 * ?"
	if x.db.kind != onSQLite {
		id, at = "CONCAT('msg_', LPAD(HEX(seq + ?), 32, '0'))", "created_at + INTERVAL ? SECOND"
	}
	tx, err := x.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	for i := range 1000 {
		read, readAt := 1, any(longAgo)
		if i%10 == 0 {
			read, readAt = 0, nil
		}
		category := fmt.Sprint("c", i%7)
		_, err := tx.ExecContext(ctx, `INSERT INTO messages (id, account_id, owner, seq, notification_id, type, category, severity, language, title, body, link,
			search_text, read_at, read_by, read_by_name, created_at, read_state) VALUES (?, ?, '', ?, '', ?, ?, 'info', 'en-US', 'A title of usual length', ?, '', ?, ?, '', '', ?, ?)`,
			fmt.Sprintf("msg_%032x", i), x.account, i+1, fmt.Sprintf("%s.t%d", category, i%40), category, body, body, readAt, longAgo.Add(time.Duration(i)*time.Second), read)
		if err != nil {
			return err
		}
	}
	for have := 1000; have < x.size; have *= 2 {
		_, err := tx.ExecContext(ctx, "INSERT INTO messages (id, account_id, owner, seq, notification_id, type, category, severity, language, title, body, link, search_text, read_at, read_by, read_by_name, created_at, read_state) SELECT "+
			id+", account_id, owner, seq + ?, notification_id, type, category, severity, language, title, body, link, search_text, read_at, read_by, read_by_name, "+at+", read_state FROM messages WHERE account_id = ? AND seq <= ?",
			have, have, have, x.account, min(have, x.size-have))
		if err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE inbox_heads SET seq = ? WHERE account_id = ? AND owner = ''", x.size, x.account); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil || x.db.kind == onSQLite {
		return err
	}
	_, err = x.db.writer.ExecContext(ctx, "ANALYZE TABLE messages")
	return err
}

// question is asked of the store, and by a bare statement that reads the best index.
type question struct {
	name string
	ours func(context.Context) error
	bare func(context.Context) error
}

func (x *inbox) questions() []question {
	ours := x.store.In(x.account).Inbox("")
	page := func(filter models.InboxFilter) func(context.Context) error {
		return func(ctx context.Context) error {
			messages, _, err := ours.Messages(ctx, filter, store.Page{})
			if err == nil && len(messages) != 20 {
				err = fmt.Errorf("%d messages", len(messages))
			}
			return err
		}
	}
	unread := models.Unread
	until := longAgo.Add(time.Hour)
	return []question{
		{"first page", page(models.InboxFilter{}), x.barePage("messages_seq", "seq", "")},
		{"first page, unread", page(models.InboxFilter{State: &unread}), x.barePage("messages_read", "seq", "read_state = 0")},
		{"first page, category", page(models.InboxFilter{Category: "c3"}), x.barePage("messages_category", "seq", "category = 'c3'")},
		{
			"first page, type, unread", page(models.InboxFilter{Type: "c3.t30", State: &unread}),
			x.barePage("messages_type_read", "seq", "type = 'c3.t30' AND read_state = 0"),
		},
		{
			"first page, the oldest hour", page(models.InboxFilter{From: longAgo, To: until}),
			x.barePage("messages_arrived", "created_at DESC, seq", "created_at >= ? AND created_at < ?", longAgo, until),
		},
		{
			"unread count", func(ctx context.Context) error { _, err := ours.Unread(ctx); return err },
			func(ctx context.Context) error {
				var n int
				return x.db.bare.QueryRowContext(ctx, "SELECT COUNT(*) FROM messages "+x.hint("messages_read")+" WHERE account_id = ? AND owner = '' AND read_state = 0", x.account).Scan(&n)
			},
		},
	}
}

func (x *inbox) hint(index string) string {
	if x.db.kind != onSQLite {
		return "FORCE INDEX (" + index + ")"
	}
	return "INDEXED BY " + index
}

// barePage reads twenty rows and the one that says that there are more.
func (x *inbox) barePage(index, order, condition string, args ...any) func(context.Context) error {
	text := "SELECT id, account_id, owner, seq, notification_id, type, category, severity, language, title, link, read_state, read_at, read_by, read_by_name, created_at FROM messages " +
		x.hint(index) + " WHERE account_id = ? AND owner = ''"
	if condition != "" {
		text += " AND " + condition
	}
	text += " ORDER BY " + order + " DESC LIMIT 21"
	return x.prepared(text, append([]any{x.account}, args...)...)
}

// drain reads all rows into nothing.
func drain(rows *sql.Rows) error {
	defer func() { _ = rows.Close() }() // what could fail is in rows.Err
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// timed is how many milliseconds one piece takes, of number in a row.
func timed(number int, piece func(context.Context) error) trial {
	return func(ctx context.Context) (run, error) {
		began := time.Now()
		for range number {
			if err := piece(ctx); err != nil {
				return run{}, err
			}
		}
		return run{value: millis(time.Since(began)) / float64(number)}, nil
	}
}

// swept is how many are marked: every tenth of the inbox is unread.
func (x *inbox) swept() int { return min(sweeping, x.size/10) }

// marking is how many milliseconds the change takes; it is undone outside of the time.
func (x *inbox) marking(change func(context.Context) error) trial {
	return func(ctx context.Context) (run, error) {
		began := time.Now()
		if err := change(ctx); err != nil {
			return run{}, err
		}
		took := time.Since(began)
		_, err := x.db.writer.ExecContext(ctx, "UPDATE messages SET read_state = 0, read_at = NULL WHERE account_id = ? AND owner = '' AND seq <= ? AND seq % 10 = 1", x.account, 10*x.swept())
		return run{value: millis(took)}, err
	}
}

func (x *inbox) mark(ctx context.Context) error {
	return x.write(ctx, func(tx *store.Tx) error {
		swept, err := tx.In(x.account).Inbox("").MarkAll(ctx, models.InboxFilter{}, int64(10*x.swept()), store.Reader{ID: "usr_ann", Name: "ann"})
		if err == nil && swept.Changed != int64(x.swept()) {
			err = fmt.Errorf("%d were marked", swept.Changed)
		}
		return err
	})
}

func (x *inbox) markBare(ctx context.Context) error {
	_, err := x.db.writer.ExecContext(ctx, "UPDATE messages "+x.hint("messages_read")+
		" SET read_state = 1, read_at = ?, read_by = ?, read_by_name = ? WHERE account_id = ? AND owner = '' AND read_state = 0 AND seq <= ?",
		longAgo, "usr_ann", "ann", x.account, 10*x.swept())
	return err
}
