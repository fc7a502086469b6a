package models_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

func running(total int64, perMinute int) (models.Announcement, time.Time) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	return models.Announcement{PerMinute: perMinute}.Begun(total, now), now
}

func accepted(n int) models.AnnouncementPage {
	return models.AnnouncementPage{Acceptances: make([]models.Acceptance, n)}
}

func TestAThrottledAnnouncementIsNotFasterThanItsThrottle(t *testing.T) {
	t.Parallel()
	a, now := running(1200, 600)
	now = now.Add(2 * time.Millisecond) // the first page comes at once
	a = a.PagedTo(accepted(10), 10, now)
	speed, doneAt := a.Speed(now)
	require.InDelta(t, 600, speed, 1)
	require.Equal(t, now.Add(119*time.Second).Truncate(time.Second), *doneAt, "1,190 accounts are left: just below two minutes")

	a, now = running(1200, 0)
	a = a.PagedTo(accepted(200), 200, now.Add(100*time.Millisecond))
	speed, _ = a.Speed(now.Add(time.Second))
	require.InDelta(t, 120_000, speed, 1, "without a throttle it is as fast as it is")
}

func TestProgressAddsUpWhenMoreAccountsFitTheFilters(t *testing.T) {
	t.Parallel()
	a, now := running(3, 0)
	a = a.PagedTo(accepted(5), 5, now)
	require.Equal(t, models.AnnouncementRunning, a.State)
	require.Equal(t, a.Done(), a.Total)
	a = a.PagedTo(models.AnnouncementPage{Last: true, Disabled: 1}, 0, now)
	require.Equal(t, []int64{6, 6}, []int64{a.Total, a.Done()})
}
