package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/workflows"
)

// newDigest is a stage whose account contact wants its mail gathered for ten minutes, with as
// many notifications in it; it returns these and the envelope.
func newDigest(t *testing.T, count int) (*stage, []models.Notification, string) {
	t.Helper()
	s := newStage(t, func(w *world.World) {
		w.AddProvider(models.ChannelEmail, "mail")
		w.Prefer(w.AccountContact().ID, func(p *models.Preferences) {
			p.Digests = []models.Digest{{Type: world.Type, WindowMinutes: 10}}
		})
	})
	var all []models.Notification
	envelope := ""
	for range count {
		n := s.Accept(func(n *models.Notification) { n.Severity = models.SeverityWarning })
		_, err := s.Activities(s.cfg).Plan(t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: n.ID})
		require.NoError(t, err)
		d, _ := s.Delivery(n.ID, models.ChannelEmail)
		all, envelope = append(all, n), d.EnvelopeID
	}
	require.NotEmpty(t, envelope)
	return s, all, envelope
}

// send runs the envelope's workflow to its end.
func (s *stage) send(envelope string) {
	s.t.Helper()
	if s.env == nil {
		s.open()
	}
	s.env.ExecuteWorkflow("Envelope", workflows.EntityInput{AccountID: s.Account, ID: envelope})
	require.True(s.t, s.env.IsWorkflowCompleted(), "the workflow never ends")
	require.NoError(s.t, s.env.GetWorkflowError())
	at := s.env.Now()
	s.SetClock(func() time.Time { return at })
	s.env = nil
}

func TestAnEnvelopeWaitsClosesAndLeavesOnce(t *testing.T) {
	t.Parallel()
	s, all, envelope := newDigest(t, 3)
	begin := s.Now()
	s.send(envelope)
	require.Len(t, s.Sink.Calls(""), 1)
	assert.WithinDuration(t, begin.Add(10*time.Minute), s.Sink.Calls("")[0].At, time.Second)
	for _, n := range all {
		s.id = n.ID
		assert.Equal(t, models.StatusDelivered, s.run())
	}
	s.send(envelope)
	assert.Len(t, s.Sink.Calls(""), 1, "started again, as the reconciler does")
}

// TestANotificationWaitsForItsDigest without looking again and again, and ends when it is woken.
func TestANotificationWaitsForItsDigest(t *testing.T) {
	t.Parallel()
	s, all, envelope := newDigest(t, 2)
	s.id = all[0].ID
	db := &countingStore{}
	s.Wrap = func(real activities.Store) activities.Store {
		db.Store = real
		return db
	}
	s.open()
	a := s.Activities(s.cfg)
	s.at(11*time.Minute, func() {
		_, err := a.StepEnvelope(context.WithoutCancel(t.Context()), activities.AttemptInput{AccountID: s.Account, DeliveryID: envelope})
		assert.NoError(t, err)
		s.env.SignalWorkflow("wake", nil)
	})
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Less(t, db.looks.Load(), int64(5))
	assert.Len(t, s.Sink.Calls(""), 1)
}

func TestAnEnvelopeRetriesAndClosesEarlierWhenWoken(t *testing.T) {
	t.Parallel()
	s, all, envelope := newDigest(t, 2)
	s.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Retry, "busy"), world.Fail(channels.Retry, "busy")))
	begin := s.Now()
	s.open()
	s.at(time.Minute, func() {
		s.Prefer(s.AccountContact().ID, func(p *models.Preferences) {
			p.Digests = []models.Digest{{Type: world.Type, WindowMinutes: 5}}
		})
		n := s.Accept(func(n *models.Notification) { n.Severity = models.SeverityWarning })
		_, err := s.Activities(s.cfg).Plan(context.WithoutCancel(t.Context()), activities.NotificationRef{AccountID: s.Account, NotificationID: n.ID})
		assert.NoError(t, err)
		s.env.SignalWorkflow("wake", nil)
	})
	s.send(envelope)
	calls := s.Sink.Calls("")
	require.Len(t, calls, 3)
	assert.WithinDuration(t, begin.Add(6*time.Minute), calls[0].At, time.Second)
	assert.Equal(t, calls[0].Message.Key, calls[2].Message.Key)
	d, attempts := s.Delivery(all[0].ID, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, d.State)
	assert.Len(t, attempts, 3)
}

// TestASuspendedDestinationHoldsADigestUntilItIsRepaired: whoever repairs it wakes the
// envelope.
func TestASuspendedDestinationHoldsADigestUntilItIsRepaired(t *testing.T) {
	t.Parallel()
	s, all, envelope := newDigest(t, 2)
	s.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Misconfigured, "auth")))
	s.open()
	s.at(30*time.Minute, func() {
		d, _ := s.Delivery(all[0].ID, models.ChannelEmail)
		assert.Equal(t, models.DeliveryPending, d.State)
		s.Write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Platform().Providers().Resume(ctx, s.Providers["mail"])
		})
		woken := map[models.EntityKind]bool{}
		rows, err := s.Store.Wakeups().ClaimWakeups(context.WithoutCancel(t.Context()), time.Minute, 100)
		assert.NoError(t, err)
		for _, row := range rows {
			woken[row.Kind] = true
		}
		assert.True(t, woken[models.EntityEnvelope])
		s.env.SignalWorkflow("wake", nil)
	})
	s.send(envelope)
	assert.Len(t, s.Sink.Calls(""), 2)
	d, _ := s.Delivery(all[1].ID, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, d.State)
}
