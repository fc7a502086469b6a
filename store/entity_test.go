package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

// typeOf is the registry's row.
func typeOf(t *testing.T, kind models.EntityKind) models.EntityType {
	t.Helper()
	known, ok := kind.Type()
	require.True(t, ok)
	return known
}

func TestReconcilerSeesOnlyWhatIsLate(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		late := func() (ids []string) {
			list, err := mine.s.Wakeups().OverdueEntities(t.Context(), typeOf(t, models.EntityNotification), time.Minute, 10)
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
			_, err := mine.s.Deliveries().SettleDelivery(t.Context(), d, models.Heirs{})
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
		var last models.Due
		for {
			page, err := mine.s.Wakeups().OpenEntities(t.Context(), typeOf(t, models.EntityNotification), string(models.StatusScheduled), last, 3)
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
		n, err := mine.s.Attic().Purge(t.Context(), time.Hour)
		require.NoError(t, err)
		assert.Zero(t, n)
	})
}
