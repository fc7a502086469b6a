package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// plans explains what a test made the store do.
type plans struct {
	s      *store.Store
	tracer *store.Tracer
}

// want fails unless every step on messages and heads that the statements since
// the last call take goes through one of the indexes.
func (p plans) want(t *testing.T, indexes ...string) {
	t.Helper()
	statements := p.tracer.Take()
	if len(statements) == 0 {
		t.Fatal("no statement was run")
	}
	for _, statement := range statements {
		plan, err := store.Explain(t.Context(), p.s, statement)
		if err != nil {
			t.Fatalf("explain %s: %v", statement, err)
		}
		for step := range strings.SplitSeq(plan, "\n") {
			if !indexed(step, indexes) {
				t.Errorf("%s\n%s\ndoes not use %v alone", statement, plan, indexes)
			}
		}
	}
	p.tracer.Take() // the explanations themselves
}

// indexed judges one step of a plan; those on other tables are fine. The few messages of one
// notification may be sorted.
func indexed(step string, indexes []string) bool {
	sorts := slices.Contains(indexes, "messages_notification")
	if fields := strings.Split(step, " | "); len(fields) == 4 { // MySQL: table, type, key, extra
		stored := slices.Contains([]string{"messages", "m", "inbox_heads"}, fields[0])
		searched := slices.Contains([]string{"range", "ref", "const", "eq_ref"}, fields[1])
		return !stored || searched && slices.Contains(indexes, fields[2]) && (sorts || !strings.Contains(fields[3], "filesort"))
	}
	words := strings.Fields(step)
	if step == "USE TEMP B-TREE FOR ORDER BY" {
		return sorts
	}
	if !slices.Contains(words, "messages") && !slices.Contains(words, "inbox_heads") {
		return true
	}
	return words[0] == "SEARCH" && slices.ContainsFunc(indexes, func(index string) bool {
		primary := strings.Contains(step, "sqlite_autoindex") || strings.Contains(step, "PRIMARY KEY")
		return slices.Contains(words, index) || index == "PRIMARY" && primary
	})
}

func TestInboxFiltersUseTheirIndex(t *testing.T) {
	t.Parallel()
	unread, read := models.Unread, models.Read
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(100)...)
		p := plans{s, store.Trace(s)}
		near := b.messages[50].CreatedAt
		for index, filters := range map[string][]models.InboxFilter{
			"messages_seq":      {{}, {Text: "message 1"}, {From: near}, {To: near.Add(time.Second)}},
			"messages_read":     {{State: &unread}, {State: &read}, {State: &unread, Text: "x"}, {State: &unread, From: near}},
			"messages_category": {{Category: "account"}, {Category: "account", From: near}},
			"messages_type":     {{Type: "account.low"}, {Type: "account.low", Category: "account"}},

			"messages_category_read": {{Category: "account", State: &unread}},
			"messages_type_read":     {{Type: "account.low", State: &read, Category: "account"}},
			"messages_notification":  {{NotificationID: b.messages[0].NotificationID}, {NotificationID: b.messages[0].NotificationID, State: &unread}},
		} {
			for _, filter := range filters {
				if _, _, err := b.Messages(t.Context(), filter, store.Page{}); err != nil {
					t.Fatalf("Messages() = %v", err)
				}
				p.want(t, index, "messages_arrived")
				b.change(t, func(ctx context.Context, in store.TxInbox) error {
					_, err := in.DeleteAll(ctx, filter, 1)
					return err
				})
				p.want(t, index, "messages_arrived", "PRIMARY")
			}
		}
	})
}

func TestInboxChangesAndCountsUseTheirIndex(t *testing.T) {
	t.Parallel()
	unread := models.Unread
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(100)...)
		for _, other := range inboxes(s) {
			other.append(t, plain(1)...)
		}
		p := plans{s, store.Trace(s)}
		b.read(t, func(ctx context.Context) error { _, err := b.Unread(ctx); return err })
		p.want(t, "messages_read")
		b.read(t, func(ctx context.Context) error { _, err := b.Counts(ctx); return err })
		p.want(t, "messages_category_read")
		b.read(t, func(ctx context.Context) error {
			_, _, err := b.Selected(ctx, models.InboxFilter{State: &unread, Text: "x"}, 90)
			return err
		})
		p.want(t, "messages_read")
		b.read(t, func(ctx context.Context) error { _, err := b.After(ctx, 90, 5); return err })
		p.want(t, "messages_seq")
		b.read(t, func(ctx context.Context) error { _, err := b.Message(ctx, b.messages[0].ID); return err })
		p.want(t, "PRIMARY")
		b.read(t, func(ctx context.Context) error {
			_, err := s.Platform().InboxHeads(ctx, []models.InboxKey{b.key, {AccountID: "acc_none"}})
			return err
		})
		p.want(t, "PRIMARY")
		b.change(t, func(ctx context.Context, in store.TxInbox) error {
			_, err := in.MarkAll(ctx, models.InboxFilter{}, 10, store.Reader{})
			return err
		})
		p.want(t, "messages_read", "PRIMARY")
		b.change(t, func(ctx context.Context, in store.TxInbox) error {
			_, _, err := in.Mark(ctx, []string{b.messages[20].ID, b.messages[21].ID}, store.Reader{})
			return err
		})
		p.want(t, "PRIMARY")
	})
}

func (b *inbox) read(t *testing.T, fn func(context.Context) error) {
	t.Helper()
	if err := fn(t.Context()); err != nil {
		t.Fatalf("read inbox: %v", err)
	}
}

// TestCountsReadTheIndexOnly: a count over a million messages must not touch them.
func TestCountsReadTheIndexOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(10)...)
		tracer := store.Trace(s)
		b.read(t, func(ctx context.Context) error { _, err := b.Unread(ctx); return err })
		b.read(t, func(ctx context.Context) error { _, err := b.Counts(ctx); return err })
		for _, statement := range tracer.Take() {
			plan, err := store.Explain(t.Context(), s, statement)
			if err != nil || !strings.Contains(plan, "COVERING INDEX") && !strings.Contains(plan, "Using index") {
				t.Errorf("%s\n%s\nreads more than the index (%v)", statement, plan, err)
			}
		}
	})
}
