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

func wake(t *testing.T, mine tenant, ids ...string) {
	t.Helper()
	inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
		return tx.In(mine.id).Wake(ctx, models.SubjectInvitation, ids...)
	})
}

func claimWakeups(t *testing.T, mine tenant) []models.Wakeup {
	t.Helper()
	rows, err := mine.s.ClaimWakeups(t.Context(), time.Minute, 100)
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
				rows, err := mine.s.ClaimWakeups(t.Context(), time.Minute, 10)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				for _, r := range rows {
					seen[r.SubjectID]++
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
		assert.Equal(t, models.Subject{Kind: models.SubjectInvitation, AccountID: mine.id, ID: "inv_1"}, first[0].Subject())
		assert.Empty(t, claimWakeups(t, mine), "leased")
		mine.now.advance(2 * time.Minute)
		again := claimWakeups(t, mine)
		require.Len(t, again, 1, "the dispatcher that took it died")

		wake(t, mine, "inv_1") // the row changed while the engine was being told
		require.NoError(t, mine.s.ReleaseWakeups(t.Context(), again))
		third := claimWakeups(t, mine)
		require.Len(t, third, 1, "what was asked for meanwhile is not forgotten")
		require.NoError(t, mine.s.ReleaseWakeups(t.Context(), third))
		mine.now.advance(time.Hour)
		assert.Empty(t, claimWakeups(t, mine))
	})
}

func TestWakeupsAreReleasedTogether(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		require.NoError(t, mine.s.ReleaseWakeups(t.Context(), nil))
		wake(t, mine, "inv_old")
		claimWakeups(t, mine)
		mine.now.advance(2 * time.Minute)
		wake(t, mine, "inv_1", "inv_2")
		wake(t, other, "inv_3")
		rows := claimWakeups(t, mine)
		require.Len(t, rows, 4, "one of them for the second time")
		wake(t, mine, "inv_2")
		require.NoError(t, mine.s.ReleaseWakeups(t.Context(), rows))
		left := claimWakeups(t, mine)
		require.Len(t, left, 1)
		assert.Equal(t, "inv_2", left[0].SubjectID, "what was asked for meanwhile is not forgotten")
		require.NoError(t, mine.s.ReleaseWakeups(t.Context(), left))
		mine.now.advance(time.Hour)
		assert.Empty(t, claimWakeups(t, mine))
	})
}
