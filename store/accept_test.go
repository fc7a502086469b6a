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

// acceptAll accepts all in one transaction.
func acceptAll(t *testing.T, s *store.Store, list ...models.Acceptance) ([]models.Notification, error) {
	t.Helper()
	var stored []models.Notification
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		var err error
		stored, err = tx.Accept(t.Context(), list)
		return err
	})
	return stored, err
}

// shape is what a report says without ids and times.
func (n tenant) shape(t *testing.T, id string) string {
	t.Helper()
	r := n.report(t, id)
	r.Notification.ID, r.Notification.ExternalID = "", ""
	text := fmt.Sprintf("%+v", r.Notification)
	for _, d := range r.Deliveries {
		d.ID, d.NotificationID = "", ""
		d.FinishedAt = nil
		text += fmt.Sprintf("\n%+v", d)
	}
	m, err := n.s.In(n.id).Inbox("").Message(t.Context(), r.MessageID)
	require.NoError(t, err)
	m.ID, m.NotificationID, m.Seq = "", "", 0
	return text + fmt.Sprintf("\n%+v", m)
}

func TestManyAcceptedTogetherAreAsAcceptedOneByOne(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		single := mine.accept(t, nil)
		stored, err := acceptAll(t, mine.s, other.draft(nil), mine.draft(nil), other.draft(nil), mine.draft(nil), mine.draft(nil))
		require.NoError(t, err)
		require.Len(t, stored, 5)
		for i, n := range stored {
			of := []tenant{other, mine, other, mine, mine}[i]
			require.Equal(t, of.id, n.AccountID, "results are in the order of the request")
			assert.Equal(t, models.StatusPending, of.report(t, n.ID).Notification.Status)
			if of.id == mine.id {
				assert.Equal(t, mine.shape(t, single.ID), mine.shape(t, n.ID))
			}
		}
		for of, want := range map[tenant]int64{mine: 4, other: 2} {
			head, err := of.s.In(of.id).Inbox("").Head(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, head.Seq)
			assert.Equal(t, map[tenant]int64{mine: 2, other: 1}[of], head.Revision, "one change for each transaction")
			list, err := of.s.In(of.id).Inbox("").After(t.Context(), 0, 10)
			require.NoError(t, err)
			for i, m := range list {
				assert.Equal(t, int64(i+1), m.Seq, "numbers are without gaps")
			}
			assert.Len(t, list, int(want))
		}
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 100)
		require.NoError(t, err)
		assert.Len(t, rows, 6, "each has its start")
	})
}

func TestOneEarlierSubmissionDoesNotSpoilTheOthers(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		named := func(of tenant, id string) models.Acceptance {
			return of.draft(func(n *models.Notification) { n.ExternalID = id })
		}
		first, err := acceptAll(t, mine.s, named(mine, "b"))
		require.NoError(t, err)
		later := mine.now.Now().Add(time.Hour)
		scheduled := mine.draft(func(n *models.Notification) { n.ScheduleAt = &later })
		all, err := acceptAll(t, mine.s, named(mine, "a"), named(mine, "b"), named(other, "c"), named(other, "c"), scheduled)
		require.NoError(t, err)
		assert.Equal(t, first[0].ID, all[1].ID)
		assert.Equal(t, all[2].ID, all[3].ID)
		assert.Equal(t, models.StatusScheduled, all[4].Status)
		for of, want := range map[tenant]int{mine: 2, other: 1} {
			list, err := of.s.In(of.id).Inbox("").After(t.Context(), 0, 10)
			require.NoError(t, err)
			assert.Len(t, list, want)
		}
		changed := named(mine, "b")
		changed.Notification.Fingerprint = []byte("two")
		_, err = acceptAll(t, mine.s, named(mine, "d"), changed)
		assert.Equal(t, models.CodeConflict, models.CodeOf(err))
		_, err = acceptAll(t, mine.s, named(mine, "d"), named(other, "e"))
		require.NoError(t, err, "nothing of the refused batch was left behind")
	})
}

func TestNothingIsAcceptedForNobody(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		nobody := mine.draft(func(n *models.Notification) { n.AccountID = "" })
		_, err := acceptAll(t, mine.s, mine.draft(nil), nobody)
		require.Error(t, err)
	})
}

func TestBatchesInOppositeOrdersDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		const rounds = 20
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				for range rounds {
					list := []models.Acceptance{mine.draft(nil), other.draft(nil), mine.draft(nil)}
					if i%2 == 0 {
						list = []models.Acceptance{other.draft(nil), mine.draft(nil), mine.draft(nil)}
					}
					_, err := acceptAll(t, mine.s, list...)
					assert.NoError(t, err)
				}
			})
		}
		all.Wait()
		head, err := mine.s.In(mine.id).Inbox("").Head(t.Context())
		require.NoError(t, err)
		assert.Equal(t, int64(6*rounds*2), head.Seq)
	})
}

// announced drafts one account's part of an announcement.
func (n tenant) announced() models.Acceptance {
	return n.draft(func(n *models.Notification) { n.Source = models.SourceAnnouncement })
}

func TestAnnouncementsWaitBehindAllElse(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		const window = 200
		var many []models.Acceptance
		for range window + 150 {
			many = append(many, mine.announced())
		}
		_, err := acceptAll(t, mine.s, many...)
		require.NoError(t, err)
		claim := func(limit int) []models.Wakeup {
			rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, limit)
			require.NoError(t, err)
			return rows
		}
		assert.Len(t, claim(100), 100, "nobody else starts them: they are due at once")
		mine.now.advance(time.Second)
		urgent := mine.accept(t, nil)
		rows := claim(50)
		require.Len(t, rows, 50)
		assert.Equal(t, urgent.ID, rows[0].EntityID, "it came last and goes first")
		assert.Len(t, claim(100), 51, "up to the window of those that are not planned yet")
		assert.Empty(t, claim(100))
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.In(mine.id).Notifications().Cancel(ctx, urgent.ID)
			return err
		})
		assert.Len(t, claim(100), 1, "other orders pass, too")
		for _, r := range rows[1:11] {
			_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, r.EntityID, models.Plan{})
			require.NoError(t, err)
		}
		assert.Len(t, claim(100), 10, "what was planned makes room")
	})
}
