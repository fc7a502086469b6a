package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// fataler is a test or a run of a property.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// inbox is an inbox together with what a test knows of it.
type inbox struct {
	store.Inbox
	s        *store.Store
	key      models.InboxKey
	messages []models.Message // by seq
	seq      int64
	revision int64
}

// inboxes returns the account's and a personal inbox of two fresh accounts; the
// personal ones have the same owner.
func inboxes(s *store.Store) []*inbox {
	var list []*inbox
	user := store.NewID(models.KindUser)
	for range 2 {
		account := models.AccountID(store.NewID(models.KindAccount))
		for _, owner := range []string{"", user} {
			list = append(list, &inbox{Inbox: s.In(account).Inbox(owner), s: s, key: models.InboxKey{AccountID: account, Owner: owner}})
		}
	}
	return list
}

// change runs fn in a transaction.
func (b *inbox) change(t fataler, fn func(context.Context, store.TxInbox) error) {
	t.Helper()
	err := b.s.Write(t.Context(), func(tx *store.Tx) error {
		return fn(t.Context(), tx.In(b.key.AccountID).Inbox(b.key.Owner))
	})
	if err != nil {
		t.Fatalf("change inbox: %v", err)
	}
}

// append adds messages as a notification would.
func (b *inbox) append(t fataler, messages ...models.Message) {
	t.Helper()
	var added []models.Message
	err := b.s.Write(t.Context(), func(tx *store.Tx) error {
		added = slices.Clone(messages)
		for i := range added {
			added[i].Owner = b.key.Owner
		}
		return store.AppendMessages(t.Context(), tx.In(b.key.AccountID), added)
	})
	if err != nil {
		t.Fatalf("AppendMessages() = %v", err)
	}
	for _, m := range added {
		b.messages = append(b.messages, m)
		b.seq = m.Seq
	}
	b.revision++
}

// page reads all pages of a filtered list.
func (b *inbox) pages(t fataler, filter models.InboxFilter, limit int) []models.Message {
	t.Helper()
	var all []models.Message
	for after := ""; ; {
		part, next, err := b.Messages(t.Context(), filter, store.Page{After: after, Limit: limit})
		if err != nil {
			t.Fatalf("Messages(%+v) = %v", filter, err)
		}
		if len(part) > limit || (next != "" && len(part) < limit) {
			t.Fatalf("Messages(%+v) returned %d of %d with next %q", filter, len(part), limit, next)
		}
		all = append(all, part...)
		if next == "" {
			return all
		}
		if next == after || len(all) > 10_000 {
			t.Fatalf("Messages(%+v) does not come to an end after %q", filter, after)
		}
		after = next
	}
}

// known returns what the filter selects of what the test knows, newest first.
func (b *inbox) known(filter models.InboxFilter) []models.Message {
	var selected []models.Message
	for _, m := range b.messages {
		if filter.Matches(m) {
			selected = append(selected, m)
		}
	}
	slices.Reverse(selected)
	return selected
}

func numbers(messages []models.Message) []int64 {
	seqs := make([]int64, 0, len(messages))
	for _, m := range messages {
		seqs = append(seqs, m.Seq)
	}
	return seqs
}

// world is the state of the property: the database and what it must hold.
type world struct {
	boxes []*inbox
}

// words are texts that databases compare in their own ways.
var words = []string{
	"Balance", "bALANCE", "low", "100%", "a_b", "axb", "ab", `back\slash`, "it's", `"quoted"`,
	"余额不足", "É", "é", "e\u0301", "ß", "SS", "İ", "ı", "K", "\u212a", "😀", "😁", "end ", " ",
}

func drawText(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, label), " ")
}

func (w *world) draw(t *rapid.T) *inbox { return rapid.SampledFrom(w.boxes).Draw(t, "inbox") }

// drawFilter combines filters; its times lie around those of the messages.
func (b *inbox) drawFilter(t *rapid.T) models.InboxFilter {
	filter := models.InboxFilter{
		Category: rapid.SampledFrom([]string{"", "", "account", "Account", "account ", "product", "none", "类"}).Draw(t, "category"),
		Type:     rapid.SampledFrom([]string{"", "", "account.low", "account.lo", "product.new", "余"}).Draw(t, "type"),
	}
	switch rapid.IntRange(0, 3).Draw(t, "state") {
	case 0:
		state := models.Unread
		filter.State = &state
	case 1:
		state := models.Read
		filter.State = &state
	}
	if rapid.IntRange(0, 2).Draw(t, "by text") == 0 {
		filter.Text = rapid.SampledFrom(append([]string{"%", "_", `\`, "%%", "'", "a%b", "B"}, words...)).Draw(t, "text")
	}
	filter.From, filter.To = b.drawTime(t, "from"), b.drawTime(t, "to")
	return filter
}

func (b *inbox) drawTime(t *rapid.T, label string) time.Time {
	if len(b.messages) == 0 || rapid.IntRange(0, 3).Draw(t, label) > 0 {
		return time.Time{}
	}
	at := rapid.SampledFrom(b.messages).Draw(t, label+" near").CreatedAt
	return at.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, label+" off")) * time.Microsecond)
}

func (w *world) drawIDs(t *rapid.T) []string {
	ids := []string{"", "msg_0", "余", "msg_0' OR '1'='1"}
	for _, b := range w.boxes {
		for _, m := range b.messages {
			ids = append(ids, m.ID)
		}
	}
	return rapid.SliceOfN(rapid.SampledFrom(ids), 0, 6).Draw(t, "ids")
}

func (b *inbox) drawBound(t *rapid.T) int64 { return rapid.Int64Range(-1, b.seq+1).Draw(t, "up to") }

func (w *world) append(t *rapid.T) {
	b := w.draw(t)
	var messages []models.Message
	for i := range rapid.IntRange(1, 4).Draw(t, "messages") {
		kind := rapid.SampledFrom([]string{"account.low", "account.out", "product.new"}).Draw(t, "type")
		messages = append(messages, models.Message{
			NotificationID: store.NewID(models.KindNotification), Type: kind, Category: models.CategoryOf(kind), Severity: models.SeverityInfo,
			Language: models.LocaleEN, Title: drawText(t, "title"), Body: drawText(t, "body"), Link: fmt.Sprint("https://example.com/", i),
		})
	}
	b.append(t, messages...)
}

func (w *world) mark(t *rapid.T) {
	b, ids := w.draw(t), w.drawIDs(t)
	var marked, found []string
	b.change(t, func(ctx context.Context, in store.TxInbox) (err error) {
		marked, found, err = in.Mark(ctx, ids, store.Reader{ID: "usr_ann", Name: "ann"})
		return err
	})
	var wantMarked, wantFound []string
	for i, m := range b.messages {
		if !slices.Contains(ids, m.ID) {
			continue
		}
		wantFound = append(wantFound, m.ID)
		if m.ReadState == models.Unread {
			wantMarked = append(wantMarked, m.ID)
			b.messages[i].ReadState, b.messages[i].ReadBy = models.Read, "usr_ann"
		}
	}
	b.bumped(len(wantMarked))
	same(t, "marked", sorted(marked), sorted(wantMarked))
	same(t, "found", sorted(found), sorted(wantFound))
}

func (w *world) markAll(t *rapid.T) {
	b := w.draw(t)
	filter, upTo := b.drawFilter(t), b.drawBound(t)
	var swept store.Swept
	b.change(t, func(ctx context.Context, in store.TxInbox) (err error) {
		swept, err = in.MarkAll(ctx, filter, upTo, store.Reader{ID: "usr_bob", Name: "bob"})
		return err
	})
	want := 0
	for i, m := range b.messages {
		if m.Seq <= upTo && filter.Matches(m) && m.ReadState == models.Unread {
			b.messages[i].ReadState, b.messages[i].ReadBy = models.Read, "usr_bob"
			want++
		}
	}
	b.bumped(want)
	same(t, "MarkAll()", swept, store.Swept{Changed: int64(want)})
}

func (w *world) delete(t *rapid.T) {
	b, ids := w.draw(t), w.drawIDs(t)
	var gone []string
	b.change(t, func(ctx context.Context, in store.TxInbox) error {
		deleted, err := in.Delete(ctx, ids)
		gone = nil
		for _, m := range deleted {
			gone = append(gone, m.ID)
		}
		return err
	})
	want := b.forget(func(m models.Message) bool { return slices.Contains(ids, m.ID) })
	same(t, "deleted", sorted(gone), sorted(want))
}

func (w *world) deleteAll(t *rapid.T) {
	b := w.draw(t)
	filter, upTo := b.drawFilter(t), b.drawBound(t)
	var swept store.Swept
	b.change(t, func(ctx context.Context, in store.TxInbox) (err error) {
		swept, err = in.DeleteAll(ctx, filter, upTo)
		return err
	})
	want := b.forget(func(m models.Message) bool { return m.Seq <= upTo && filter.Matches(m) })
	same(t, "DeleteAll()", swept, store.Swept{Changed: int64(len(want))})
}

// forget drops what is deleted from what the test knows.
func (b *inbox) forget(deleted func(models.Message) bool) []string {
	var gone []string
	b.messages = slices.DeleteFunc(b.messages, func(m models.Message) bool {
		if deleted(m) {
			gone = append(gone, m.ID)
			return true
		}
		return false
	})
	b.bumped(len(gone))
	return gone
}

func (b *inbox) bumped(changes int) {
	if changes > 0 {
		b.revision++
	}
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

func same[T any](t fataler, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Fatalf("%s: got %s, want %s", what, g, w)
	}
}

// check compares one inbox with what it must hold.
func (w *world) check(t *rapid.T) {
	b := w.draw(t)
	filter := b.drawFilter(t)
	same(t, fmt.Sprintf("list %+v", filter), numbers(b.pages(t, filter, rapid.IntRange(1, 5).Draw(t, "limit"))), numbers(b.known(filter)))
	b.checkCounts(t)
	b.checkHead(t)
	after := rapid.Int64Range(0, b.seq).Draw(t, "after")
	newer, err := b.After(t.Context(), after, 100)
	if err != nil {
		t.Fatalf("After() = %v", err)
	}
	slices.Reverse(newer)
	same(t, "after", numbers(newer), numbers(slices.DeleteFunc(b.known(models.InboxFilter{}), func(m models.Message) bool { return m.Seq <= after })))
	w.checkOne(t, b)
}

func (b *inbox) checkCounts(t fataler) {
	t.Helper()
	counts, err := b.Counts(t.Context())
	if err != nil {
		t.Fatalf("Counts() = %v", err)
	}
	want := map[string]*models.InboxCount{}
	unread := int64(0)
	for _, m := range b.messages {
		if want[m.Category] == nil {
			want[m.Category] = &models.InboxCount{Category: m.Category}
		}
		want[m.Category].Total++
		if m.ReadState == models.Unread {
			want[m.Category].Unread++
			unread++
		}
	}
	if len(counts) != len(want) {
		t.Fatalf("Counts() = %+v, want %d categories", counts, len(want))
	}
	for _, count := range counts {
		same(t, "count", count, *want[count.Category])
	}
	got, err := b.Unread(t.Context())
	if err != nil || got != unread {
		t.Fatalf("Unread() = %d, %v; want %d", got, err, unread)
	}
}

func (b *inbox) checkHead(t fataler) {
	t.Helper()
	head, err := b.Head(t.Context())
	if err != nil {
		t.Fatalf("Head() = %v", err)
	}
	same(t, "head", []any{head.Key(), head.Seq, head.Revision}, []any{b.key, b.seq, b.revision})
}

// checkOne reads any message of any inbox through this one.
func (w *world) checkOne(t *rapid.T, b *inbox) {
	for _, other := range w.boxes {
		if len(other.messages) == 0 {
			continue
		}
		want := rapid.SampledFrom(other.messages).Draw(t, "message")
		got, err := b.Message(t.Context(), want.ID)
		if other != b {
			same(t, "foreign message", models.CodeOf(err), models.CodeNotFound)
			continue
		}
		same(t, "message", []any{err, got.Title, got.Body, got.Link, got.ReadState, got.ReadBy, got.CreatedAt},
			[]any{nil, want.Title, want.Body, want.Link, want.ReadState, want.ReadBy, want.CreatedAt})
	}
}

// TestInboxIsWhatItsHistorySays compares the inboxes of two accounts with a list
// in memory after every change: filters combine, counts equal lists, "all" obeys
// filter and bound, and nothing reaches into another inbox.
func TestInboxIsWhatItsHistorySays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		rapid.Check(t, func(t *rapid.T) {
			w := &world{boxes: inboxes(s)}
			for range rapid.IntRange(2, 20).Draw(t, "changes") {
				change := rapid.SampledFrom([]string{"append", "append", "mark", "mark all", "delete", "delete all"}).Draw(t, "change")
				map[string]func(*rapid.T){
					"append": w.append, "mark": w.mark, "mark all": w.markAll, "delete": w.delete, "delete all": w.deleteAll,
				}[change](t)
				w.check(t)
			}
		})
	})
}

func inboxOf(s *store.Store) *inbox { return inboxes(s)[0] }

func plain(n int) []models.Message {
	messages := make([]models.Message, n)
	for i := range messages {
		messages[i] = models.Message{
			NotificationID: store.NewID(models.KindNotification), Type: "account.low", Category: "account",
			Severity: models.SeverityInfo, Language: models.LocaleEN, Title: fmt.Sprint("message ", i),
		}
	}
	return messages
}
