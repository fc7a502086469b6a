package store_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// gathered is what planning decides about a notification that two recipients want in a digest.
func (n tenant) gathered(closes time.Time) models.Plan {
	digest := func(slot string) models.Gathering {
		return models.Gathering{Gathers: slot + "/en-US/type:exception.monitor_alert", Category: "exception", ClosesAt: closes}
	}
	return models.Plan{
		Deliveries: []models.Delivery{
			{Slot: "email:x", Channel: models.ChannelEmail, ContactID: "ctc_1", AddressID: "adr_1", AddressKey: "x@example.com", State: models.DeliveryPending, Reason: models.ReasonDigest},
			{Slot: "webhook:x", Channel: models.ChannelWebhook, BotID: "bot_1", State: models.DeliveryPending, Reason: models.ReasonDigest},
		},
		Digests:   map[string]models.Gathering{"email:x": digest("email/x"), "webhook:x": digest("webhook/x")},
		ExpiresAt: closes.Add(time.Hour),
	}
}

// gather accepts a notification and has it join the digests.
func (n tenant) gather(t *testing.T, closes time.Time) models.Notification {
	t.Helper()
	m := n.accept(t, func(m *models.Notification) { m.ExternalID = "" })
	p, err := n.s.Deliveries().PlanNotification(context.WithoutCancel(t.Context()), n.id, m.ID, n.gathered(closes))
	assert.NoError(t, err)
	assert.Empty(t, p.Pending, "nobody but the envelope sends it")
	assert.Equal(t, models.StatusPending, p.Status)
	return m
}

func (n tenant) dispatchEnvelope(t *testing.T, id string) models.Dispatch {
	t.Helper()
	d, err := n.s.Deliveries().DispatchEnvelope(context.WithoutCancel(t.Context()), n.id, id, n.now.Now())
	require.NoError(t, err)
	return d
}

func (n tenant) closeEnvelope(t *testing.T, id string) models.Dispatch {
	t.Helper()
	d := n.dispatchEnvelope(t, id)
	_, err := n.s.Deliveries().CloseEnvelope(context.WithoutCancel(t.Context()), *d.Envelope, d.With, nil)
	require.NoError(t, err)
	return n.dispatchEnvelope(t, id)
}

func idsOf(parts []models.Part) []string {
	ids := make([]string, len(parts))
	for i, p := range parts {
		ids[i] = p.Delivery.ID
	}
	return ids
}

// send makes an attempt of the closed envelope that is delivered, and reports whether it began.
func (n tenant) send(t *testing.T, d models.Dispatch) bool {
	t.Helper()
	number := d.Envelope.Attempts + 1
	begun, err := n.s.Deliveries().BeginAttempt(context.WithoutCancel(t.Context()), models.Attempt{
		AccountID: n.id, DeliveryID: d.Envelope.ID, Number: number, ProviderID: "prv_1", StartedAt: n.now.Now(),
	}, "", idsOf(d.With)...)
	require.NoError(t, err)
	if begun {
		n.finish(t, d.Delivery, number, models.OutcomeDelivered, models.DeliveryDelivered, nil)
	}
	return begun
}

// TestJoiningAndClosingAgree: whatever joins while an envelope closes is in it or in the next
// one, and all is delivered once.
func TestJoiningAndClosingAgree(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		closes := mine.now.Now().Add(10 * time.Minute)
		all := []models.Notification{mine.gather(t, closes)}
		first := mine.mail(t, all[0].ID).EnvelopeID
		mine.now.advance(10 * time.Minute)
		var both sync.WaitGroup
		more := make([]models.Notification, 8)
		for i := range more {
			both.Go(func() { more[i] = mine.gather(t, closes.Add(10*time.Minute)) })
		}
		both.Go(func() { mine.closeEnvelope(t, first) })
		both.Wait()
		all = append(all, more...)
		told := map[string]int{}
		var envelopes []string
		for _, n := range all {
			if id := mine.mail(t, n.ID).EnvelopeID; !slices.Contains(envelopes, id) {
				envelopes = append(envelopes, id)
			}
		}
		require.LessOrEqual(t, len(envelopes), 2)
		mine.now.advance(time.Hour)
		for _, id := range envelopes {
			d := mine.closeEnvelope(t, id)
			require.Equal(t, models.EnvelopeClosed, d.Envelope.State)
			for _, p := range d.With {
				told[p.Notification.ID]++
			}
			assert.True(t, mine.send(t, d))
			assert.Equal(t, models.EnvelopeDelivered, mine.dispatchEnvelope(t, id).Envelope.State)
		}
		for _, n := range all {
			assert.Equal(t, 1, told[n.ID])
			assert.Equal(t, models.DeliveryDelivered, mine.mail(t, n.ID).State)
			assert.NotEmpty(t, mine.report(t, n.ID).Attempts[mine.mail(t, n.ID).ID])
		}
	})
}

// TestACancellationAndADigestAgreeOnWhoWasFirst: told and delivered, or cancelled and not told.
func TestACancellationAndADigestAgreeOnWhoWasFirst(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for range 10 {
			all := []models.Notification{mine.gather(t, mine.now.Now()), mine.gather(t, mine.now.Now()), mine.gather(t, mine.now.Now())}
			d := mine.closeEnvelope(t, mine.mail(t, all[0].ID).EnvelopeID)
			require.Len(t, d.With, 3)
			var begun bool
			var both sync.WaitGroup
			both.Go(func() { begun = mine.send(t, d) })
			both.Go(func() { assert.NoError(t, mine.cancel(all[1].ID)) })
			both.Go(func() { mine.settle(t, all[2].ID) })
			both.Wait()
			if !begun { // what left is left out
				d = mine.dispatchEnvelope(t, d.Envelope.ID)
				require.Len(t, d.With, 2)
				require.True(t, mine.send(t, d))
			}
			mine.settle(t, all[1].ID)
			want := models.DeliveryCancelled
			if begun {
				want = models.DeliveryDelivered
			}
			assert.Equal(t, want, mine.mail(t, all[1].ID).State, "begun: %v", begun)
			assert.Equal(t, models.DeliveryDelivered, mine.mail(t, all[2].ID).State)
		}
	})
}

// TestAWorkerThatComesLateChangesNothingOfAnEnvelope: the numbers of attempts fence.
func TestAWorkerThatComesLateChangesNothingOfAnEnvelope(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		n := mine.gather(t, mine.now.Now())
		d := mine.closeEnvelope(t, mine.mail(t, n.ID).EnvelopeID)
		begin := func(number int) bool {
			begun, err := mine.s.Deliveries().BeginAttempt(t.Context(), models.Attempt{AccountID: mine.id, DeliveryID: d.Envelope.ID, Number: number, StartedAt: mine.now.Now()}, "", idsOf(d.With)...)
			require.NoError(t, err)
			return begun
		}
		require.True(t, begin(1))
		assert.False(t, begin(1), "a number is given once")
		require.NoError(t, mine.s.Deliveries().WithdrawAttempt(t.Context(), models.Attempt{AccountID: mine.id, DeliveryID: d.Envelope.ID, Number: 1}, "", d.Delivery, d.With[0].Delivery))
		assert.Zero(t, mine.dispatchEnvelope(t, d.Envelope.ID).Envelope.Attempts, "taken back whole")
		require.True(t, begin(1))
		mine.finish(t, d.Delivery, 1, models.OutcomeUnknown, models.DeliveryPending, nil)
		require.True(t, begin(2))
		mine.finish(t, d.Delivery, 1, models.OutcomeDelivered, models.DeliveryDelivered, nil)
		assert.Equal(t, models.EnvelopeClosed, mine.dispatchEnvelope(t, d.Envelope.ID).Envelope.State, "the first one's worker woke up too late")
		mine.finish(t, d.Delivery, 2, models.OutcomeDelivered, models.DeliveryDelivered, nil)
		assert.Equal(t, models.DeliveryDelivered, mine.mail(t, n.ID).State)

		_, err := other.s.Deliveries().DispatchEnvelope(t.Context(), other.id, d.Envelope.ID, mine.now.Now())
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
	})
}

// TestWhatIsInADigestWaitsForItsEnd: a worker of a release that knows no digests finds
// nothing to do before that.
func TestWhatIsInADigestWaitsForItsEnd(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		closes := mine.now.Now().Add(10 * time.Minute)
		n := mine.gather(t, closes)
		d := mine.mail(t, n.ID)
		r := mine.report(t, n.ID)
		assert.Equal(t, r.Notification.ExpiresAt, *d.NextAttemptAt)
		assert.False(t, r.Notification.ExpiresAt.Before(closes.Add(time.Hour)))
		assert.True(t, strings.HasPrefix(d.EnvelopeID, "env_"))
		due, err := mine.s.Wakeups().OverdueEntities(t.Context(), kindOf(t, models.EntityEnvelope), 0, 10)
		require.NoError(t, err)
		assert.Empty(t, due)
		mine.now.advance(11 * time.Minute)
		due, err = mine.s.Wakeups().OverdueEntities(t.Context(), kindOf(t, models.EntityEnvelope), 0, 10)
		require.NoError(t, err)
		assert.Len(t, due, 2, "the reconciler finds both")
	})
}

func kindOf(t *testing.T, kind models.EntityKind) models.EntityType {
	t.Helper()
	known, ok := kind.Type()
	require.True(t, ok)
	return known
}

// TestADigestCostsTheOthersNoStatement: what goes by itself is planned as it always was.
func TestADigestCostsTheOthersNoStatement(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		alone := models.Plan{Deliveries: []models.Delivery{{Slot: "email:x", Channel: models.ChannelEmail, AddressKey: "x@example.com", State: models.DeliveryPending}}}
		n := mine.accept(t, nil)
		stop := store.Record(t, mine.s)
		p, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, n.ID, alone)
		require.NoError(t, err)
		_, err = mine.s.Deliveries().Dispatch(t.Context(), mine.id, p.Pending[0].ID)
		require.NoError(t, err)
		require.True(t, mine.tell(t, p.Pending[0], 1))
		mine.finish(t, p.Pending[0], 1, models.OutcomeDelivered, models.DeliveryDelivered, nil)
		for _, statement := range stop() {
			assert.NotContains(t, statement, "envelopes")
			assert.NotContains(t, statement, "merged_into <>")
		}
	})
}
