package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

// withdraw takes back the delivery's attempt, as it was before it.
func (n tenant) withdraw(t *testing.T, d models.Delivery, number int) {
	t.Helper()
	a := models.Attempt{AccountID: n.id, DeliveryID: d.ID, Number: number}
	require.NoError(t, n.s.Deliveries().WithdrawAttempt(t.Context(), a, d.NotificationID, d))
}

func TestAnAttemptThatMadeNoCallLeavesNothing(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, pending := mine.planned(t, nil)
		d := pending[0]
		require.True(t, mine.begin(t, d, 1))
		mine.withdraw(t, d, 1)
		assert.Empty(t, mine.report(t, n.ID).Attempts[d.ID])
		require.True(t, mine.begin(t, d, 1), "its number is free again")
		mine.finish(t, d, 1, string(models.OutcomeUnknown), models.DeliveryPending, nil)
		mine.withdraw(t, d, 1) // by a worker that was held for dead
		attempts := mine.report(t, n.ID).Attempts[d.ID]
		require.Len(t, attempts, 1, "what has an outcome stays")
		d.Attempts = 1
		require.True(t, mine.begin(t, d, 2))
		mine.withdraw(t, d, 2)
		require.True(t, mine.begin(t, d, 2))
	})
}

func TestADestinationIsOpenUntilItIsPausedOrSuspended(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		_, pending := mine.planned(t, nil)
		d, destination := pending[1], models.BotDestination("bot_1")
		open := func() bool {
			is, err := mine.s.Deliveries().DestinationOpen(t.Context(), destination)
			require.NoError(t, err)
			return is
		}
		assert.True(t, open(), "it was never used")
		effect := func(change func(*models.DestinationEffect)) {
			d.Attempts++
			require.True(t, mine.begin(t, d, d.Attempts))
			mine.finish(t, d, d.Attempts, "retry", models.DeliveryPending, func(end *models.AttemptEnd) {
				end.Destination = models.DestinationEffect{Destination: destination, AccountID: mine.id}
				change(&end.Destination)
			})
		}
		effect(func(*models.DestinationEffect) {})
		assert.True(t, open(), "a failure alone closes nothing")
		until := mine.now.Now().Add(time.Minute)
		effect(func(e *models.DestinationEffect) { e.PausedUntil = &until })
		assert.False(t, open(), "it is paused")
		mine.now.advance(time.Minute)
		assert.True(t, open(), "its pause is over")
		effect(func(e *models.DestinationEffect) { e.SuspendFor = "gone" })
		assert.False(t, open(), "it is suspended")
	})
}
