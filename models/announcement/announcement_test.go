package announcement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
)

func running(total int64, perMinute int) (announcement.Announcement, time.Time) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	return announcement.Announcement{PerMinute: perMinute}.Submitted(now).Begun(total, now), now
}

func accepted(n int) announcement.Page {
	return announcement.Page{Acceptances: make([]models.Acceptance, n)}
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

// TestAnAnnouncementLivesByItsTable has everything happen in every state.
func TestAnAnnouncementLivesByItsTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	states := []announcement.State{
		announcement.Scheduled, announcement.Running, announcement.Paused,
		announcement.Done, announcement.Cancelled, announcement.Expired,
	}
	acts := map[models.Event]func(announcement.Announcement) announcement.Announcement{
		models.EventBegin: func(a announcement.Announcement) announcement.Announcement { return a.Begun(3, now) },
		models.EventPage:  func(a announcement.Announcement) announcement.Announcement { return a.PagedTo(accepted(1), 1, now) },
		models.EventFinish: func(a announcement.Announcement) announcement.Announcement {
			return a.PagedTo(announcement.Page{Last: true}, 0, now)
		},
		models.EventPause:  func(a announcement.Announcement) announcement.Announcement { a, _ = a.Paused("x"); return a },
		models.EventResume: func(a announcement.Announcement) announcement.Announcement { a, _ = a.Resumed(now); return a },
		models.EventCancel: func(a announcement.Announcement) announcement.Announcement { a, _ = a.Cancelled(now); return a },
		models.EventExpire: func(a announcement.Announcement) announcement.Announcement { return a.Expired(now) },
	}
	for _, state := range states {
		for event, act := range acts {
			after := act(announcement.Announcement{State: state, StartedAt: &now, ScheduleAt: &later, NextAt: &later})
			row, happens := announcement.Life().At(state, event)
			if !happens {
				require.Equal(t, state, after.State, "%s in %s", event, state)
				continue
			}
			require.Equal(t, row.To, after.State, "%s in %s", event, state)
			require.Equal(t, row.Next == models.Never, after.NextAt == nil, "%s in %s", event, state)
			require.Equal(t, row.To.Final(), after.FinishedAt != nil, "%s in %s", event, state)
		}
	}
	waits, err := announcement.Announcement{State: announcement.Paused, ScheduleAt: &later}.Resumed(now)
	require.NoError(t, err)
	require.Equal(t, announcement.Scheduled, waits.State, "it had not begun")
	require.Equal(t, &later, waits.NextAt)
}

func TestProgressAddsUpWhenMoreAccountsFitTheFilters(t *testing.T) {
	t.Parallel()
	a, now := running(3, 0)
	a = a.PagedTo(accepted(5), 5, now)
	require.Equal(t, announcement.Running, a.State)
	require.Equal(t, a.Done(), a.Total)
	a = a.PagedTo(announcement.Page{Last: true, Disabled: 1}, 0, now)
	require.Equal(t, []int64{6, 6}, []int64{a.Total, a.Done()})
}
