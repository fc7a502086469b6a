package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func wake(t *testing.T, mine tenant, ids ...string) {
	t.Helper()
	inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
		return tx.In(mine.id).Wake(ctx, models.EntityInvitation, ids...)
	})
}

func claimWakeups(t *testing.T, mine tenant) []models.Wakeup {
	t.Helper()
	rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 100)
	require.NoError(t, err)
	return rows
}

func TestWakeupsGoToOneDispatcherEach(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		for i := range 15 {
			wake(t, mine, fmt.Sprintf("inv_a%d", i))
			wake(t, other, fmt.Sprintf("inv_b%d", i))
		}
		var (
			mu   sync.Mutex
			seen = map[string]int{}
			all  sync.WaitGroup
		)
		for range 6 {
			all.Go(func() {
				rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 10)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				for _, r := range rows {
					seen[r.EntityID]++
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

func TestWakeupStaysUntilItWasDone(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		wake(t, mine, "inv_1")
		first := claimWakeups(t, mine)
		require.Len(t, first, 1)
		assert.Equal(t, models.Entity{Kind: models.EntityInvitation, AccountID: mine.id, ID: "inv_1"}, first[0].Entity())
		assert.Empty(t, claimWakeups(t, mine), "leased")
		mine.now.advance(2 * time.Minute)
		again := claimWakeups(t, mine)
		require.Len(t, again, 1, "the dispatcher that took it died")

		wake(t, mine, "inv_1") // the row changed while the engine was being told
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), again, time.Minute))
		third := claimWakeups(t, mine)
		require.Len(t, third, 1, "what was asked for meanwhile is not forgotten")
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), third, time.Minute))
		mine.now.advance(time.Hour)
		assert.Empty(t, claimWakeups(t, mine))
	})
}

func TestWakeupsAreReleasedTogether(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), nil, time.Minute))
		wake(t, mine, "inv_old")
		claimWakeups(t, mine)
		mine.now.advance(2 * time.Minute)
		wake(t, mine, "inv_1", "inv_2")
		wake(t, other, "inv_3")
		rows := claimWakeups(t, mine)
		require.Len(t, rows, 4, "one of them for the second time")
		wake(t, mine, "inv_2")
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), rows, time.Minute))
		left := claimWakeups(t, mine)
		require.Len(t, left, 1)
		assert.Equal(t, "inv_2", left[0].EntityID, "what was asked for meanwhile is not forgotten")
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), left, time.Minute))
		mine.now.advance(time.Hour)
		assert.Empty(t, claimWakeups(t, mine))
	})
}

func TestEveryStartIsDueAtOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		sources := []models.Source{
			models.SourceProduct, models.SourcePlatform, models.SourceReminder, models.SourceInvitation, models.SourceAnnouncement,
		}
		for _, source := range sources {
			from := func(n *models.Notification) { n.Source = source }
			submitAll(t, mine.s, mine.draft(from))
			_, err := acceptAll(t, mine.s, other.draft(from))
			require.NoError(t, err)
			rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Hour, 20)
			require.NoError(t, err)
			assert.Len(t, rows, 2, source)
		}
	})
}

func TestStartsGoToOneDispatcherEach(t *testing.T) {
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
				rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				for _, r := range rows {
					seen[r.EntityID]++
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

func TestStartStaysUntilItWasMadeWhereSomethingIsOpen(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		open := models.Plan{Deliveries: []models.Delivery{{Slot: "webhook:bot_1", Channel: models.ChannelWebhook, BotID: "bot_1", State: models.DeliveryPending}}}
		for name, each := range map[string]struct {
			plan models.Plan
			want int
		}{"open": {open, 1}, "over": {models.Plan{}, 0}} {
			n := mine.accept(t, nil)
			p, err := mine.s.Deliveries().PlanBeforeStart(t.Context(), mine.id, n.ID, each.plan)
			require.NoError(t, err)
			assert.Equal(t, each.want == 0, p.Status.Final(), name)
			rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
			require.NoError(t, err)
			require.Len(t, rows, each.want, name)
			require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), rows, time.Minute))
			mine.now.advance(time.Hour)
			rows, err = mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
			require.NoError(t, err)
			assert.Empty(t, rows, "it was started")
		}
	})
}

func TestStartRowStaysAsAWatchUntilPlanning(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		at := mine.now.Now().Add(10 * time.Minute)
		n := mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &at })
		claim := func() []models.Wakeup {
			rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
			require.NoError(t, err)
			return rows
		}
		mine.now.advance(3 * time.Second)
		rows := claim()
		require.Len(t, rows, 1)
		assert.Empty(t, claim(), "it is leased")
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), []models.Wakeup{rows[0]}, time.Minute))
		mine.now.advance(10 * time.Minute)
		assert.Empty(t, claim(), "it may still be planned in time")
		mine.now.advance(time.Minute)
		require.Len(t, claim(), 1, "its workflow must have been lost")
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, n.ID, models.Plan{})
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
				_, err := tx.In(mine.id).Notifications().Resend(t.Context(), n.ID)
				return err
			}))
		}
		resend()
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		again := mine.report(t, n.ID).Deliveries
		last := again[len(again)-1]
		mine.begin(t, last, 1)
		mine.finish(t, last, 1, models.OutcomePermanent, models.DeliveryFailed, nil)
		resend() // between the claim and the release
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), []models.Wakeup{rows[0]}, time.Minute))
		rows, err = mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
		require.NoError(t, err)
		assert.Len(t, rows, 1, "the second wish must not be lost")
	})
}

func TestAClaimAndItsReleaseAreAFewStatements(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		const each = 50
		var drafts []models.Acceptance
		for i := range each {
			drafts = append(drafts, mine.draft(nil), other.announced())
			wake(t, mine, fmt.Sprintf("inv_%d", i))
		}
		_, err := acceptAll(t, mine.s, drafts...)
		require.NoError(t, err)
		before := mine.s.Figures().Counts()
		rows := claimWakeups(t, mine)
		require.Len(t, rows, 3*each)
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), rows, time.Minute))
		after := mine.s.Figures().Counts()
		assert.LessOrEqual(t, after.Transactions-before.Transactions, int64(2))
		assert.LessOrEqual(t, after.Statements-before.Statements, int64(11), "no more for many than for one")
		assert.Empty(t, claimWakeups(t, mine))
		mine.now.advance(61 * time.Second)
		assert.Len(t, claimWakeups(t, mine), 2*each, "what was started, but has not planned, is watched")
	})
}

func TestLookingForWakeupsAndEntitiesReadsAnIndex(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		for i := range 5 {
			var drafts []models.Acceptance
			var ids []string
			for k := range 100 {
				drafts = append(drafts, mine.draft(nil), other.announced())
				ids = append(ids, fmt.Sprintf("inv_%d_%d", i, k))
			}
			_, err := acceptAll(t, mine.s, drafts...)
			require.NoError(t, err)
			wake(t, mine, ids...)
		}
		mine.planned(t, nil)
		require.NoError(t, store.Analyse(t.Context(), mine.s))
		mine.now.advance(time.Minute)
		stop := store.Record(t, mine.s)
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 5)
		require.NoError(t, err)
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), rows, time.Minute))
		for _, kind := range models.EntityTypes() {
			_, err := mine.s.Wakeups().OverdueEntities(t.Context(), kind, time.Second, 5)
			require.NoError(t, err)
			for _, status := range kind.Statuses() {
				first, err := mine.s.Wakeups().OpenEntities(t.Context(), kind, status, models.Due{}, 1)
				require.NoError(t, err)
				if len(first) > 0 {
					_, err = mine.s.Wakeups().OpenEntities(t.Context(), kind, status, first[0], 5)
					require.NoError(t, err)
				}
			}
		}
		statements := stop()
		require.Greater(t, len(statements), 15)
		for _, statement := range statements {
			store.WantIndex(t, mine.s, statement)
			if strings.Contains(statement, "outbox") && strings.Contains(statement, "lane") {
				store.WantKey(t, mine.s, statement, "outbox_lane")
			}
		}
	})
}
