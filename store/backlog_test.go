package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func TestTheBacklogCountsWhatWaits(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		empty, err := mine.s.Figures().Backlog(t.Context())
		require.NoError(t, err)
		require.Zero(t, empty.OutboxDue)
		require.Zero(t, empty.OutboxAge)
		require.Equal(t, map[models.NotificationStatus]int64{models.StatusScheduled: 0, models.StatusPending: 0}, empty.Open)

		later := mine.now.Now().Add(time.Hour)
		mine.accept(t, nil)
		other.accept(t, nil)
		mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &later })
		mine.now.advance(10 * time.Second)
		got, err := mine.s.Figures().Backlog(t.Context())
		require.NoError(t, err)
		require.Equal(t, int64(3), got.OutboxDue)
		require.Equal(t, 10*time.Second, got.OutboxAge.Round(time.Second))
		require.Equal(t, map[models.NotificationStatus]int64{models.StatusScheduled: 1, models.StatusPending: 2}, got.Open)
	})
}

func TestTheBacklogCountsSuspendedProviders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		first, second := newProvider(t, s, models.ChannelEmail, "relay", 1), newProvider(t, s, models.ChannelEmail, "other", 2)
		suspended := func(want int64) {
			t.Helper()
			got, err := s.Figures().Backlog(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got.SuspendedProviders)
		}
		suspended(0)
		suspendDestination(t, s, models.Platform, models.ProviderDestination(first.ID))
		suspendDestination(t, s, "acc_1", models.BotDestination("bot_1"))
		suspended(1)
		suspendDestination(t, s, models.Platform, models.ProviderDestination(second.ID))
		suspended(2)
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Providers().Resume(ctx, first) })
		suspended(1)
		writeTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.Platform().Providers().Update(ctx, second.ID, 0, func(p *models.Provider, _ map[string]string) error { p.Enabled = false; return nil })
			return err
		})
		suspended(0)
	})
}

func TestTheBacklogCountsBotsAndThoseThatAreSuspended(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		bots := func(want, suspended int64) {
			t.Helper()
			got, err := mine.s.Figures().Backlog(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got.Bots)
			require.Equal(t, suspended, got.SuspendedBots)
		}
		bots(0, 0)
		one, two := newBot(t, mine.s, mine.id, "one"), newBot(t, other.s, other.id, "two")
		bots(2, 0)
		suspendDestination(t, mine.s, mine.id, models.BotDestination(one.ID))
		suspendDestination(t, mine.s, mine.id, models.BotDestination("of nobody"))
		suspendDestination(t, mine.s, models.Platform, models.ProviderDestination(one.ID))
		bots(2, 1)
		suspendDestination(t, mine.s, other.id, models.BotDestination(two.ID))
		bots(2, 2)
	})
}

func TestTheBacklogTellsWhatIsLate(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		late := func() map[models.EntityKind]time.Duration {
			t.Helper()
			got, err := mine.s.Figures().Backlog(t.Context())
			require.NoError(t, err)
			require.Len(t, got.Overdue, len(models.EntityTypes())-1, "what is not late is 0, not missing")
			return got.Overdue
		}
		require.Zero(t, late()[models.EntityResource])
		mine.feed(t, mine.fed("a", time.Minute))
		require.Zero(t, late()[models.EntityResource])
		mine.now.advance(11 * time.Minute)
		require.Equal(t, 10*time.Minute, late()[models.EntityResource].Round(time.Second))
		require.Zero(t, late()[models.EntityInvitation])
	})
}

func TestTheBacklogTellsWhatIsNotSealed(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		unsealed := func() time.Duration {
			t.Helper()
			got, err := mine.s.Figures().Backlog(t.Context())
			require.NoError(t, err)
			return got.UnsealedAge.Round(time.Second)
		}
		_, err := mine.s.Seals().SealOperations(t.Context())
		require.NoError(t, err)
		require.Zero(t, unsealed())
		appendOperations(t, mine.s, mine.id, 0, 2)
		mine.now.advance(20 * time.Minute)
		require.Equal(t, 20*time.Minute, unsealed())
		_, err = mine.s.Seals().SealOperations(t.Context())
		require.NoError(t, err)
		require.Zero(t, unsealed())
	})
}

func TestPoolsTellTheirBounds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		pools := s.Figures().Pools()
		require.NotEmpty(t, pools)
		require.Equal(t, "writer", pools[0].Name)
		for _, pool := range pools {
			require.Positive(t, pool.MaxOpenConnections)
		}
	})
}
