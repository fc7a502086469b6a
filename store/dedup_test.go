package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// dedupFor is the window of the tests.
const dedupFor = 5 * time.Minute

// event drafts one with the key.
func (n tenant) event(key string, change func(*models.Notification)) models.Acceptance {
	a := n.draft(func(n *models.Notification) {
		n.DedupKey = key
		if change != nil {
			change(n)
		}
	})
	a.DedupWindow = dedupFor
	return a
}

func trySubmit(ctx context.Context, s *store.Store, list ...models.Acceptance) ([]models.Submitted, error) {
	var out []models.Submitted
	err := s.Write(ctx, func(tx *store.Tx) error {
		var err error
		out, err = tx.Submit(ctx, list)
		return err
	})
	return out, err
}

func submitAll(t *testing.T, s *store.Store, list ...models.Acceptance) []models.Submitted {
	t.Helper()
	out, err := trySubmit(t.Context(), s, list...)
	require.NoError(t, err)
	return out
}

// submit submits one event.
func (n tenant) submit(t *testing.T, key string, change func(*models.Notification)) models.Submitted {
	t.Helper()
	return submitAll(t, n.s, n.event(key, change))[0]
}

// messages are those of the account's inbox, oldest first.
func (n tenant) messages(t *testing.T) []models.Message {
	t.Helper()
	list, err := n.s.In(n.id).Inbox("").After(t.Context(), 0, 100)
	require.NoError(t, err)
	return list
}

func (n tenant) revision(t *testing.T) int64 {
	t.Helper()
	head, err := n.s.In(n.id).Inbox("").Head(t.Context())
	require.NoError(t, err)
	return head.Revision
}

func TestAHundredEqualEventsAtOnceAreOneNotificationWithACount(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		const events = 100
		var mu sync.Mutex
		ids, first := map[string]int{}, 0
		for _, err := range atOnce(events, func(int) error {
			out, err := trySubmit(context.WithoutCancel(t.Context()), mine.s, mine.event("disk full", nil))
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			ids[out[0].Notification.ID]++
			if !out[0].Deduplicated {
				first++
			}
			return nil
		}) {
			require.NoError(t, err)
		}
		require.Len(t, ids, 1)
		assert.Equal(t, 1, first, "one of them is the notification")
		for id := range ids {
			assert.EqualValues(t, events, mine.report(t, id).Notification.Count())
		}
		messages := mine.messages(t)
		require.Len(t, messages, 1)
		assert.EqualValues(t, events, messages[0].Count())
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
		require.NoError(t, err)
		assert.Len(t, rows, 1, "a repeat starts nothing")
	})
}

func TestAWindowEndsToTheMicrosecondAndTheNextBegins(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		first := mine.submit(t, "k", nil)
		assert.False(t, first.Deduplicated)
		mine.now.advance(dedupFor - time.Microsecond)
		last := mine.now.Now()
		again := mine.submit(t, "k", nil)
		assert.True(t, again.Deduplicated)
		assert.True(t, again.Counted)
		assert.Equal(t, first.Notification.ID, again.Notification.ID)
		assert.Equal(t, last, mine.report(t, first.Notification.ID).Notification.LastSeenAt(), "the window does not slide")
		mine.now.advance(time.Microsecond)
		next := mine.submit(t, "k", nil)
		assert.False(t, next.Deduplicated)
		assert.NotEqual(t, first.Notification.ID, next.Notification.ID)
		mine.now.advance(time.Minute)
		assert.Equal(t, next.Notification.ID, mine.submit(t, "k", nil).Notification.ID)
		messages := mine.messages(t)
		require.Len(t, messages, 2)
		for _, m := range messages {
			assert.EqualValues(t, 2, m.Count())
		}
		assert.Equal(t, last, messages[0].LastSeenAt())
	})
}

func TestOnlyEqualEventsOfOneAccountAreOne(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		all := []models.Submitted{
			mine.submit(t, "k", nil),
			other.submit(t, "k", nil),
			mine.submit(t, "K", nil),
			mine.submit(t, "", nil),
			mine.submit(t, "", nil),
			mine.submit(t, "k", func(n *models.Notification) { n.Type = "account.refund" }),
			mine.submit(t, "k", func(n *models.Notification) { n.ProductID = "prd_2" }),
			mine.submit(t, "k", func(n *models.Notification) { n.Severity = models.SeverityCritical }),
		}
		ids := map[string]bool{}
		for i, each := range all {
			assert.False(t, each.Deduplicated, i)
			ids[each.Notification.ID] = true
		}
		assert.Len(t, ids, len(all))
		assert.Equal(t, all[1].Notification.ID, other.submit(t, "k", nil).Notification.ID)
		assert.EqualValues(t, 1, mine.report(t, all[0].Notification.ID).Notification.Count(), "another account's events do not count")
	})
}

func TestARepeatIsSeenInTheInboxAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		first := mine.submit(t, "k", nil).Notification
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, first.ID, models.Plan{
			Messages: []models.Message{models.MessageOf(first, "usr_1", models.Rendered{Title: "x"})},
		})
		require.NoError(t, err)
		personal := func() models.Message {
			list, err := mine.s.In(mine.id).Inbox("usr_1").After(t.Context(), 0, 10)
			require.NoError(t, err)
			require.Len(t, list, 1)
			return list[0]
		}
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.In(mine.id).Inbox("").Mark(ctx, []string{mine.messages(t)[0].ID}, store.Reader{ID: "usr_1"})
			return err
		})
		before, revision := mine.messages(t)[0], mine.revision(t)
		mine.now.advance(time.Minute)
		mine.submit(t, "k", func(n *models.Notification) { n.Variables = map[string]string{"balance": "2"} })
		after := mine.messages(t)[0]
		assert.Equal(t, revision+1, mine.revision(t), "whoever listens looks again")
		assert.EqualValues(t, 2, personal().Count())
		assert.EqualValues(t, 2, after.Count())
		assert.Equal(t, mine.now.Now(), after.LastSeenAt())
		after.Repeats, after.RepeatedAt = before.Repeats, before.RepeatedAt
		assert.Equal(t, before, after, "place, text and who has read it stay")
	})
}

func TestWhatIsPlannedLaterHasTheCountSoFar(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		first := mine.submit(t, "k", nil).Notification
		mine.submit(t, "k", nil)
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, first.ID, models.Plan{
			Messages: []models.Message{models.MessageOf(first, "usr_1", models.Rendered{Title: "x"})},
		})
		require.NoError(t, err)
		list, err := mine.s.In(mine.id).Inbox("usr_1").After(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.EqualValues(t, 2, list[0].Count())
	})
}

func TestWhatNobodyWillHearOfGathersNothing(t *testing.T) {
	t.Parallel()
	end := map[string]func(*testing.T, tenant, models.Notification){
		"cancelled": func(t *testing.T, mine tenant, n models.Notification) {
			inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
				_, _, err := tx.In(mine.id).Notifications().Cancel(ctx, n.ID)
				return err
			})
		},
		"expired": func(_ *testing.T, mine tenant, n models.Notification) {
			mine.now.advance(n.ExpiresAt.Sub(mine.now.Now()))
		},
	}
	for name, end := range end {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onTenants(t, func(t *testing.T, mine, _ tenant) {
				soon := func(n *models.Notification) { n.ExpiresAt = mine.now.Now().Add(time.Minute) }
				first := mine.submit(t, "k", soon).Notification
				end(t, mine, first)
				next := mine.submit(t, "k", soon)
				assert.False(t, next.Deduplicated)
				assert.NotEqual(t, first.ID, next.Notification.ID)
				assert.Equal(t, next.Notification.ID, mine.submit(t, "k", soon).Notification.ID, "the window begins anew")
			})
		})
	}
}

func TestARepeatWithItsOwnExternalIDCountsOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		named := func(id string) func(*models.Notification) {
			return func(n *models.Notification) { n.ExternalID = id }
		}
		first := mine.submit(t, "k", named("1")).Notification
		for range 3 {
			again := mine.submit(t, "k", named("2"))
			assert.Equal(t, first.ID, again.Notification.ID)
			assert.True(t, again.Deduplicated)
			same := mine.submit(t, "k", named("1"))
			assert.Equal(t, first.ID, same.Notification.ID)
			assert.False(t, same.Deduplicated, "it is the first itself")
		}
		count := func() int64 { return mine.report(t, first.ID).Notification.Count() }
		assert.EqualValues(t, 2, count())
		for _, a := range []models.Acceptance{mine.event("k", named("2")), mine.draft(named("2")), other.draft(named("1"))} {
			a.Notification.Fingerprint = []byte("two")
			refused := submitAll(t, mine.s, a)[0]
			assert.Equal(t, models.CodeConflict, models.CodeOf(refused.Refusal), "an external id is one submission's")
			repeats, err := mine.s.Platform().Submissions().Repeats(t.Context(), a.Notification)
			require.NoError(t, err)
			assert.False(t, repeats)
		}
		mine.now.advance(time.Hour)
		for _, id := range []string{"1", "2"} {
			repeats, err := mine.s.Platform().Submissions().Repeats(t.Context(), mine.event("k", named(id)).Notification)
			require.NoError(t, err)
			assert.True(t, repeats)
			assert.Equal(t, first.ID, mine.submit(t, "k", named(id)).Notification.ID, "long after the window")
		}
		assert.EqualValues(t, 2, count())
		assert.False(t, mine.submit(t, "k", nil).Deduplicated, "a repeat by external id opens no window")
	})
}

func TestABatchCountsWithinItself(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		conflict := mine.event("c", func(n *models.Notification) { n.ExternalID = "taken" })
		mine.accept(t, func(n *models.Notification) { n.ExternalID, n.Fingerprint = "taken", []byte("two") })
		out := submitAll(t, mine.s,
			mine.event("a", nil), other.event("a", nil), mine.event("a", nil), conflict, mine.event("c", nil), mine.event("", nil), other.event("a", nil))
		var deduplicated []bool
		for _, each := range out {
			deduplicated = append(deduplicated, each.Deduplicated)
		}
		assert.Equal(t, []bool{false, false, true, false, false, false, true}, deduplicated)
		assert.Equal(t, models.CodeConflict, models.CodeOf(out[3].Refusal))
		assert.Equal(t, out[0].Notification.ID, out[2].Notification.ID)
		assert.Equal(t, out[1].Notification.ID, out[6].Notification.ID)
		assert.Equal(t, out[4].Notification.ID, mine.submit(t, "c", nil).Notification.ID, "the refused one held no window")
	})
}

func TestBatchesOfTheSameEventsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		const batches, keys = 12, 8
		for _, err := range atOnce(batches, func(i int) error {
			var list []models.Acceptance
			for k := range keys {
				key := fmt.Sprint((k + i) % keys)
				list = append(list, mine.event(key, nil), other.event(key, nil))
			}
			_, err := trySubmit(context.WithoutCancel(t.Context()), mine.s, list...)
			return err
		}) {
			require.NoError(t, err)
		}
		for _, of := range []tenant{mine, other} {
			messages := of.messages(t)
			assert.Len(t, messages, keys)
			for _, m := range messages {
				assert.EqualValues(t, batches, m.Count())
			}
		}
	})
}

// TestARepeatedBatchTakesFewStatements: whoever repeats the same events waits for all of
// them, on a server each a way there and back.
func TestARepeatedBatchTakesFewStatements(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		const keys = 20
		var list []models.Acceptance
		for k := range keys {
			list = append(list, mine.event(fmt.Sprint(k), nil), other.event(fmt.Sprint(k), nil))
		}
		submitAll(t, mine.s, list...)
		tracer := store.Trace(mine.s)
		again := submitAll(t, mine.s, append(list, list...)...)
		statements := tracer.Take()
		const perAccount, all = 2*keys + 2, 3
		assert.LessOrEqual(t, len(statements), 2*perAccount+all, "%v", statements)
		for i, each := range again {
			assert.EqualValues(t, 2+i/len(list), each.Notification.Count())
		}
		for _, of := range []tenant{mine, other} {
			for _, m := range of.messages(t) {
				assert.EqualValues(t, 3, m.Count())
			}
		}
	})
}

// TestWhatWasCountedInTheSameBatchIsTold: the answer to an external id that comes twice
// has the count of now.
func TestWhatWasCountedInTheSameBatchIsTold(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		named := func(n *models.Notification) { n.ExternalID = "e" }
		out := submitAll(t, mine.s, mine.event("k", named), mine.event("k", nil), mine.event("k", named))
		assert.Equal(t, out[0].Notification.ID, out[2].Notification.ID)
		assert.False(t, out[2].Counted)
		assert.EqualValues(t, 2, out[2].Notification.Count())
		assert.EqualValues(t, 2, mine.report(t, out[0].Notification.ID).Notification.Count())
	})
}

func TestWindowsThatAreOverArePurged(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		first := mine.submit(t, "k", nil).Notification
		mine.submit(t, "k", func(n *models.Notification) { n.ExternalID = "e" })
		purge := func() int64 {
			n, err := mine.s.Attic().Purge(t.Context(), time.Hour)
			require.NoError(t, err)
			return n
		}
		mine.now.advance(dedupFor + time.Hour)
		assert.Zero(t, purge())
		mine.now.advance(time.Microsecond)
		assert.EqualValues(t, 1, purge(), "the window")
		assert.Equal(t, first.ID, mine.submit(t, "x", func(n *models.Notification) { n.ExternalID, n.DedupKey = "e", "k" }).Notification.ID)
		mine.now.advance(store.IdempotencyLife)
		assert.EqualValues(t, 1, purge(), "the external id of what was counted")
	})
}

func TestAnExternalIDThatWasCountedIsFreeAgainAfterItsLife(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		counted := func(of tenant, content string) models.Submitted {
			of.submit(t, "k", nil)
			return of.submit(t, "k", func(n *models.Notification) { n.ExternalID, n.Fingerprint = "e", []byte(content) })
		}
		require.True(t, counted(mine, "one").Counted)
		mine.now.advance(store.IdempotencyLife - time.Microsecond)
		assert.Equal(t, models.CodeConflict, models.CodeOf(counted(other, "two").Refusal))
		mine.now.advance(time.Microsecond)
		assert.True(t, counted(other, "two").Counted)
		assert.Equal(t, models.CodeConflict, models.CodeOf(counted(mine, "one").Refusal), "it is the other content's now")
	})
}

func TestNotificationsOfAKeyAreFoundByTheIndexOfTheirType(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		for i := range 50 {
			for _, of := range []tenant{mine, other} {
				of.submit(t, fmt.Sprint(i), func(n *models.Notification) {
					if i%5 != 0 {
						n.Type = "account.refund"
					}
				})
			}
		}
		stop := store.Record(t, mine.s)
		f := store.NotificationFilter{Type: "account.low_balance", DedupKey: "5"}
		rows, next, err := mine.s.In(mine.id).Notifications().List(t.Context(), f, store.Page{})
		require.NoError(t, err)
		statements := stop()
		require.Len(t, rows, 1)
		assert.Empty(t, next)
		assert.Equal(t, mine.id, rows[0].AccountID)
		require.NotEmpty(t, statements)
		for _, statement := range statements {
			store.WantKey(t, mine.s, statement, "notifications_type")
			store.WantIndex(t, mine.s, statement)
		}
	})
}
