package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

var onceAMinute = pacing.Rate{Windows: []pacing.Window{{Length: time.Minute, Most: 1}}}

// TestASlotIsTakenOnce by many processes that ask at once.
func TestASlotIsTakenOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var taken atomic.Int64
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				_, until, err := s.Work().TakeSlot(context.WithoutCancel(t.Context()), "secret://url", onceAMinute, false)
				assert.NoError(t, err)
				if until.IsZero() {
					taken.Add(1)
				}
			})
		}
		wait.Wait()
		assert.Equal(t, int64(1), taken.Load())
	})
}

func TestASlotIsGivenBackAndARefusalIsRemembered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ticket, until, err := s.Work().TakeSlot(t.Context(), "a", onceAMinute, false)
		require.NoError(t, err)
		require.Zero(t, until)
		require.NoError(t, s.Work().AnswerSlot(t.Context(), ticket))
		_, until, err = s.Work().TakeSlot(t.Context(), "a", onceAMinute, false)
		require.NoError(t, err)
		assert.InDelta(t, 61, until.Sub(ticket.TakenAt).Seconds(), 5)
		require.NoError(t, s.Work().RefuseSlot(t.Context(), ticket, onceAMinute, time.Hour))
		_, until, err = s.Work().TakeSlot(t.Context(), "a", onceAMinute, true)
		require.NoError(t, err)
		assert.InDelta(t, 3600, until.Sub(ticket.TakenAt).Seconds(), 5)
		_, until, err = s.Work().TakeSlot(t.Context(), "b", onceAMinute, false)
		require.NoError(t, err)
		assert.Zero(t, until, "another credential")
	})
}

// queued has a notification's delivery wait for its bot.
func (n tenant) queued(t *testing.T, severity models.Severity) models.Delivery {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	m := n.accept(t, func(m *models.Notification) { m.ExternalID, m.Severity = "", severity })
	p, err := n.s.Deliveries().PlanNotification(ctx, n.id, m.ID, models.Plan{Deliveries: []models.Delivery{
		{Slot: "webhook:x", Channel: models.ChannelWebhook, BotID: "bot_1", Language: models.LocaleEN, State: models.DeliveryPending},
	}})
	require.NoError(t, err)
	require.Len(t, p.Pending, 1)
	d := p.Pending[0]
	g := models.Gathering{Gathers: pacing.QueueName(d), ClosesAt: n.now.Now().Add(time.Second)}
	require.NoError(t, n.s.Deliveries().Queue(ctx, d, g))
	require.NoError(t, n.s.Deliveries().Queue(ctx, d, g), "again: nothing changes")
	r, err := n.s.In(n.id).Notifications().Report(ctx, m.ID)
	require.NoError(t, err)
	return r.Deliveries[len(r.Deliveries)-1]
}

// TestWhatDoesNotFitWaitsInTheNextEnvelope, critical ones first.
func TestWhatDoesNotFitWaitsInTheNextEnvelope(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, n, _ tenant) {
		plain, critical, last := n.queued(t, models.SeverityInfo), n.queued(t, models.SeverityCritical), n.queued(t, models.SeverityWarning)
		assert.Equal(t, models.ReasonQueued, plain.Reason)
		assert.Equal(t, plain.EnvelopeID, last.EnvelopeID)
		d := n.dispatchEnvelope(t, plain.EnvelopeID)
		require.Len(t, d.With, 3)
		assert.Equal(t, critical.ID, d.With[0].Delivery.ID)
		assert.Equal(t, 3, d.Envelope.Joined)

		closed, err := n.s.Deliveries().SendQueue(t.Context(), *d.Envelope, idsOf(d.With[:2]))
		require.NoError(t, err)
		assert.True(t, closed)
		again, err := n.s.Deliveries().SendQueue(t.Context(), *d.Envelope, idsOf(d.With[:2]))
		require.NoError(t, err)
		assert.False(t, again)
		assert.ElementsMatch(t, idsOf(d.With[:2]), idsOf(n.dispatchEnvelope(t, plain.EnvelopeID).With))

		open, err := n.s.Deliveries().QueueWaits(t.Context(), n.id, pacing.QueueName(last))
		require.NoError(t, err)
		assert.True(t, open)
		next := n.queued(t, models.SeverityInfo)
		assert.NotEqual(t, plain.EnvelopeID, next.EnvelopeID)
		assert.Equal(t, []string{last.ID, next.ID}, idsOf(n.dispatchEnvelope(t, next.EnvelopeID).With))
	})
}
