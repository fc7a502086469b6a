package store_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// writers append to the inbox at the same time, each in transactions of its own.
func (b *inbox) writers(ctx context.Context, group *errgroup.Group, writers, each int) {
	for range writers {
		group.Go(func() error {
			for range each {
				err := b.s.Write(ctx, func(tx *store.Tx) error {
					messages := plain(1)
					messages[0].Owner = b.key.Owner
					return store.AppendMessages(ctx, tx.In(b.key.AccountID), messages)
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// TestSeqFollowsTheOrderOfCommits reads an inbox that eight writers fill: a
// reader that has seen seq n never finds a smaller one that it has not seen.
func TestSeqFollowsTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const writers, each = 8, 25
		b := inboxOf(s)
		group, ctx := errgroup.WithContext(t.Context())
		b.writers(ctx, group, writers, each)
		var seen []int64
		for len(seen) < writers*each && ctx.Err() == nil {
			last := int64(len(seen))
			newer, err := b.After(ctx, last, 1000)
			if err != nil {
				break
			}
			for i, m := range newer {
				if m.Seq != last+int64(i)+1 {
					t.Errorf("after %d came %v: a smaller seq was committed later", last, numbers(newer))
					break
				}
				seen = append(seen, m.Seq)
			}
		}
		if err := group.Wait(); err != nil {
			t.Fatalf("writers: %v", err)
		}
		b.seq, b.revision = writers*each, writers*each
		b.checkHead(t)
	})
}

// TestMarkAllTouchesNothingNewerThanItsBound marks while others write (P8).
func TestMarkAllTouchesNothingNewerThanItsBound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(5)...)
		group, ctx := errgroup.WithContext(t.Context())
		b.writers(ctx, group, 4, 20)
		bound := int64(0)
		for range 10 {
			head, err := b.Head(ctx)
			if err != nil {
				t.Fatalf("Head() = %v", err)
			}
			bound = head.Seq - 2
			b.change(t, func(ctx context.Context, in store.TxInbox) error {
				_, err := in.MarkAll(ctx, models.InboxFilter{}, bound, store.Reader{ID: "usr_ann"})
				return err
			})
			b.wantReadUpTo(t, bound)
		}
		if err := group.Wait(); err != nil {
			t.Fatalf("writers: %v", err)
		}
		b.wantReadUpTo(t, bound)
	})
}

func (b *inbox) wantReadUpTo(t *testing.T, bound int64) {
	t.Helper()
	for _, m := range b.pages(t, models.InboxFilter{}, 100) {
		if want := m.Seq <= bound; (m.ReadState == models.Read) != want {
			t.Fatalf("message %d: read is %v, want %v: the bound is %d", m.Seq, !want, want, bound)
		}
	}
}

// TestDeleteAllKeepsWhatCameAfterTheBound deletes while others write.
func TestDeleteAllKeepsWhatCameAfterTheBound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(3)...)
		group, ctx := errgroup.WithContext(t.Context())
		b.writers(ctx, group, 2, 10)
		b.change(t, func(ctx context.Context, in store.TxInbox) error {
			_, err := in.DeleteAll(ctx, models.InboxFilter{}, 3)
			return err
		})
		if err := group.Wait(); err != nil {
			t.Fatalf("writers: %v", err)
		}
		var want []int64
		for seq := int64(23); seq > 3; seq-- {
			want = append(want, seq)
		}
		if got := numbers(b.pages(t, models.InboxFilter{}, 7)); !slices.Equal(got, want) {
			t.Fatalf("left are %v, want %v", got, want)
		}
	})
}

func TestTheFirstReaderStaysRecorded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(1)...)
		for _, name := range []string{"ann", "bob"} {
			b.change(t, func(ctx context.Context, in store.TxInbox) error {
				_, _, err := in.Mark(ctx, []string{b.messages[0].ID}, store.Reader{ID: "usr_" + name, Name: name})
				return err
			})
			b.change(t, func(ctx context.Context, in store.TxInbox) error {
				_, err := in.MarkAll(ctx, models.InboxFilter{}, b.seq, store.Reader{ID: "usr_eve", Name: "eve"})
				return err
			})
		}
		m, err := b.Message(t.Context(), b.messages[0].ID)
		if err != nil || m.ReadBy != "usr_ann" || m.ReadByName != "ann" || m.ReadAt == nil || m.ReadAt.Before(m.CreatedAt) {
			t.Fatalf("message = %+v, %v; want read by ann", m, err)
		}
	})
}

func TestSweepsAreBoundedAndCanBeContinued(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		b.append(t, plain(5)...)
		restore := func(in store.TxInbox) store.TxInbox { return store.WithSweepLimit(in, 2) }
		for _, want := range []store.Swept{{Changed: 2, More: true}, {Changed: 2, More: true}, {Changed: 1}, {}} {
			b.change(t, func(ctx context.Context, in store.TxInbox) error {
				got, err := restore(in).DeleteAll(ctx, models.InboxFilter{Category: "account"}, b.seq)
				if got != want {
					t.Errorf("DeleteAll() = %+v, want %+v", got, want)
				}
				return err
			})
		}
	})
}

func TestSearchIsLiteralAndIgnoresCaseAlikeEverywhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := inboxOf(s)
		titles := []string{"100% used", "100x used", "a_b", "axb", `C:\temp`, "Größe", "GRÖSSE", "余额不足", "余额充足", "it's", "😀", "😁"}
		messages := plain(len(titles))
		for i, title := range titles {
			messages[i].Title = title
		}
		b.append(t, messages...)
		for text, want := range map[string][]int64{
			"%": {1}, "_": {3}, `\`: {5}, "USED": {2, 1}, "grö": {7, 6}, "ß": {6}, "余额": {9, 8}, "不足": {8}, "'": {10}, "😀": {11}, "used ": nil,
			"' OR 1=1 --": nil, "%%": nil, "message": nil,
		} {
			if got := numbers(b.pages(t, models.InboxFilter{Text: text}, 20)); !slices.Equal(got, want) {
				t.Errorf("search %q found %v, want %v", text, got, want)
			}
		}
	})
}

// TestTimeNeverRunsBackwardsInAnInbox lets the clock jump back between messages:
// a range of time must stay a range of seq.
func TestTimeNeverRunsBackwardsInAnInbox(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		var now atomic.Int64
		cfg.Now = func() time.Time { return start.Add(time.Duration(now.Load())) }
		b := inboxOf(storetest.Open(t, cfg))
		for _, minutes := range []int64{0, 10, 5, 20} {
			now.Store(minutes * int64(time.Minute))
			b.append(t, plain(1)...)
		}
		at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
		for i, m := range b.pages(t, models.InboxFilter{}, 10) {
			if want := at([]int{20, 10, 10, 0}[i]); !m.CreatedAt.Equal(want) {
				t.Errorf("message %d was created at %v, want %v", m.Seq, m.CreatedAt, want)
			}
		}
		for _, c := range []struct {
			from, to time.Time
			want     []int64
		}{
			{at(5), at(15), []int64{3, 2}},
			{at(10), at(20), []int64{3, 2}},
			{at(11), at(20), nil},
			{time.Time{}, at(10), []int64{1}},
			{at(21), time.Time{}, nil},
			{at(20), time.Time{}, []int64{4}},
			{time.Time{}, at(0), nil},
			{time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -14*3600)), []int64{4, 3, 2, 1}},
		} {
			if got := numbers(b.pages(t, models.InboxFilter{From: c.from, To: c.to}, 10)); !slices.Equal(got, c.want) {
				t.Errorf("from %v to %v: %v, want %v", c.from, c.to, got, c.want)
			}
		}
	})
}
