package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func TestTheStartIsLeftToTheProcessThatWasSubmittedTo(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		sources := []models.Source{
			models.SourceProduct, models.SourcePlatform, models.SourceReminder, models.SourceInvitation, models.SourceAnnouncement,
		}
		var submissions, made []models.Acceptance
		for _, source := range sources {
			from := func(n *models.Notification) { n.Source = source }
			submissions, made = append(submissions, mine.draft(from)), append(made, other.draft(from))
		}
		submitAll(t, mine.s, submissions...)
		claim := func(of models.AccountID, want int) {
			t.Helper()
			rows, err := mine.s.ClaimOutbox(t.Context(), time.Hour, 20)
			require.NoError(t, err)
			assert.Len(t, rows, want)
			for _, r := range rows {
				assert.Equal(t, of, r.AccountID)
			}
		}
		claim(mine.id, 0)
		_, err := acceptAll(t, mine.s, made[0])
		require.NoError(t, err)
		_, err = acceptAll(t, mine.s, made[1:]...)
		require.NoError(t, err)
		claim(other.id, len(made))
		mine.now.advance(startAfter)
		claim(mine.id, len(submissions))
	})
}

func TestOutboxRowsGoToOneDispatcherEach(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		for range 15 {
			mine.accept(t, nil)
			other.accept(t, nil)
		}
		mine.now.advance(time.Minute)
		var (
			mu   sync.Mutex
			seen = map[string]int{}
			all  sync.WaitGroup
		)
		for range 6 {
			all.Go(func() {
				rows, err := mine.s.ClaimOutbox(t.Context(), time.Second, 10)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				for _, r := range rows {
					seen[r.NotificationID]++
				}
			})
		}
		all.Wait()
		assert.Len(t, seen, 30)
		for id, n := range seen {
			assert.Equal(t, 1, n, "%s was claimed by several", id)
		}
	})
}

func TestStartRowStaysAsAWatchUntilPlanning(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		at := mine.now.Now().Add(10 * time.Minute)
		n := mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &at })
		claim := func() []models.OutboxRow {
			rows, err := mine.s.ClaimOutbox(t.Context(), time.Second, 10)
			require.NoError(t, err)
			return rows
		}
		mine.now.advance(3 * time.Second)
		rows := claim()
		require.Len(t, rows, 1)
		assert.Empty(t, claim(), "it is leased")
		require.NoError(t, mine.s.ReleaseOutbox(t.Context(), rows[0], time.Minute))
		mine.now.advance(10 * time.Minute)
		assert.Empty(t, claim(), "it may still be planned in time")
		mine.now.advance(time.Minute)
		require.Len(t, claim(), 1, "its workflow must have been lost")
		_, err := mine.s.PlanNotification(t.Context(), mine.id, n.ID, models.Plan{})
		require.NoError(t, err)
		mine.now.advance(time.Hour)
		assert.Empty(t, claim())
	})
}

func TestSignalRowSurvivesWhenItIsAskedForAgain(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, open := mine.planned(t, nil)
		mine.begin(t, open[0], 1)
		mine.finish(t, open[0], 1, models.OutcomePermanent, models.DeliveryFailed, nil)
		resend := func() {
			require.NoError(t, mine.s.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.In(mine.id).ResendNotification(t.Context(), n.ID)
				return err
			}))
		}
		resend()
		rows, err := mine.s.ClaimOutbox(t.Context(), time.Second, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		again := mine.report(t, n.ID).Deliveries
		last := again[len(again)-1]
		mine.begin(t, last, 1)
		mine.finish(t, last, 1, models.OutcomePermanent, models.DeliveryFailed, nil)
		resend() // between the claim and the release
		require.NoError(t, mine.s.ReleaseOutbox(t.Context(), rows[0], time.Minute))
		rows, err = mine.s.ClaimOutbox(t.Context(), time.Second, 10)
		require.NoError(t, err)
		assert.Len(t, rows, 1, "the second wish must not be lost")
	})
}

func TestReconcilerSeesOnlyWhatIsLate(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		late := func() (ids []string) {
			list, err := mine.s.OverdueNotifications(t.Context(), time.Minute, 10)
			require.NoError(t, err)
			for _, n := range list {
				ids = append(ids, n.ID)
			}
			return ids
		}
		n, open := mine.planned(t, nil)
		assert.Empty(t, late())
		mine.now.advance(2 * time.Minute)
		assert.Equal(t, []string{n.ID}, late(), "an attempt is overdue")
		for _, d := range open {
			next := mine.now.Now().Add(time.Hour)
			d.Reason, d.NextAttemptAt = models.ReasonRateLimited, &next
			_, err := mine.s.SettleDelivery(t.Context(), d)
			require.NoError(t, err)
		}
		assert.Empty(t, late())
		mine.now.advance(61 * time.Minute)
		assert.Equal(t, []string{n.ID}, late(), "its time to live is over")
	})
}

func TestOpenNotificationsComeInPagesWithoutGaps(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		want := map[string]bool{}
		for i := range 7 {
			at := mine.now.Now().Add(time.Hour)
			from := []tenant{mine, other}[i%2]
			n := from.accept(t, func(n *models.Notification) { n.ScheduleAt = &at; n.ExternalID = fmt.Sprint(i) })
			want[n.ID] = true
		}
		mine.planned(t, nil)
		got := map[string]bool{}
		var last models.Notification
		for {
			page, err := mine.s.OpenNotifications(t.Context(), models.StatusScheduled, last, 3)
			require.NoError(t, err)
			for _, n := range page {
				assert.False(t, got[n.ID], "%s came twice", n.ID)
				got[n.ID], last = true, n
			}
			if len(page) < 3 {
				break
			}
		}
		assert.Equal(t, want, got)
	})
}

func TestPurgeDeletesOnlyWhatExpired(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, err := mine.s.Purge(t.Context(), time.Hour)
		require.NoError(t, err)
		assert.Zero(t, n)
	})
}
