package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

func TestTheBacklogCountsWhatWaits(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		empty, err := mine.s.Backlog(t.Context())
		require.NoError(t, err)
		require.Zero(t, empty.OutboxDue)
		require.Zero(t, empty.OutboxAge)
		require.Equal(t, map[models.NotificationStatus]int64{models.StatusScheduled: 0, models.StatusPending: 0}, empty.Open)

		later := mine.now.Now().Add(time.Hour)
		mine.accept(t, nil)
		other.accept(t, nil)
		mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &later })
		mine.now.advance(13 * time.Second) // a start comes due after 3 s
		got, err := mine.s.Backlog(t.Context())
		require.NoError(t, err)
		require.Equal(t, int64(3), got.OutboxDue)
		require.Equal(t, 10*time.Second, got.OutboxAge.Round(time.Second))
		require.Equal(t, map[models.NotificationStatus]int64{models.StatusScheduled: 1, models.StatusPending: 2}, got.Open)
	})
}
