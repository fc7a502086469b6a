package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func TestWhatTheEarlierReleaseAskedForIsDone(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		require.NoError(t, store.EarlierWakes(t.Context(), mine.s, mine.id, "ntf_1", "inv_1"))
		rows := claimWakeups(t, mine)
		require.Len(t, rows, 2)
		assert.Equal(t, models.Entity{Kind: models.EntityNotification, AccountID: mine.id, ID: "ntf_1"}, rows[0].Entity())
		assert.Equal(t, models.Entity{Kind: models.EntityInvitation, AccountID: mine.id, ID: "inv_1"}, rows[1].Entity())
		require.NoError(t, mine.s.Wakeups().ReleaseWakeups(t.Context(), rows, time.Minute))
		mine.now.advance(time.Hour)
		assert.Empty(t, claimWakeups(t, mine), "once")
	})
}

func TestWhatTheEarlierReleaseIsDoingIsLeftToIt(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		require.NoError(t, store.EarlierWakes(t.Context(), mine.s, mine.id, "ntf_1", "inv_1"))
		require.NoError(t, store.EarlierLease(t.Context(), mine.s, mine.now.Now().Add(5*time.Second)))
		assert.Len(t, claimWakeups(t, mine), 1, "its dispatcher has the other")
		mine.now.advance(6 * time.Second)
		left := claimWakeups(t, mine)
		require.Len(t, left, 1, "its dispatcher died")
		assert.Equal(t, "inv_1", left[0].EntityID)
	})
}

func TestTheEarlierReleaseSeesNotificationsOnly(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		n := mine.accept(t, nil)
		_, err := acceptAll(t, mine.s, other.announced())
		require.NoError(t, err)
		wake(t, mine, "inv_1")
		mine.now.advance(time.Minute)
		ids, err := store.EarlierClaim(t.Context(), mine.s)
		require.NoError(t, err)
		assert.Len(t, ids, 2)
		assert.Contains(t, ids, n.ID)
		assert.NotContains(t, ids, "inv_1", "it would start a notification's workflow for it")
		assert.Len(t, claimWakeups(t, mine), 3)
	})
}
