package activities_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
)

// TestATextIsAcceptedUntilItsReceiptComes: nothing more is tried, and the provider was told where
// to post.
func TestATextIsAcceptedUntilItsReceiptComes(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(w *world.World) {
		w.AddProvider(models.ChannelSMS, "texts")
		w.AddPhone()
		w.Sink.AwaitReceipts()
	})
	for range 2 {
		r := s.attempt(models.ChannelSMS)
		assert.True(t, r.Done)
		assert.Equal(t, models.StatusDelivered, r.Status)
	}
	d, attempts := s.Delivery(s.id, models.ChannelSMS)
	assert.Equal(t, models.DeliveryAccepted, d.State)
	require.Len(t, attempts, 1)
	assert.Equal(t, models.OutcomeAccepted, attempts[0].Outcome)
	calls := s.Sink.Calls(models.ChannelSMS)
	require.Len(t, calls, 1)
	assert.Equal(t, "https://belfry.example/v1/receipts/"+d.ID, calls[0].Message.ReceiptURL)
}
