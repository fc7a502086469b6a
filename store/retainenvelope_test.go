package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// finishEnvelopes delivers all that the notification waits in, and returns the ids.
func (n tenant) finishEnvelopes(t *testing.T, m models.Notification) []string {
	t.Helper()
	var ids []string
	for _, d := range n.report(t, m.ID).Deliveries {
		if d.EnvelopeID != "" {
			require.True(t, n.send(t, n.closeEnvelope(t, d.EnvelopeID)))
			ids = append(ids, d.EnvelopeID)
		}
	}
	return ids
}

func (n tenant) hasEnvelope(t *testing.T, id string) bool {
	t.Helper()
	_, err := n.s.Deliveries().DispatchEnvelope(t.Context(), n.id, id, n.now.Now())
	if models.CodeOf(err) != models.CodeNotFound {
		require.NoError(t, err)
	}
	return err == nil
}

// attempts counts the attempts of envelopes.
func attempts(t *testing.T, s *store.Store) int64 {
	t.Helper()
	n, err := store.CountRows(t.Context(), s, "attempts WHERE delivery_id LIKE 'env%'")
	require.NoError(t, err)
	return n
}

// TestEnvelopesGoWhenTheyAreOld, with their attempts: those that hold what is reported, and
// those that all have left. What is open stays, whatever its age.
func TestEnvelopesGoWhenTheyAreOld(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		mine.toToday()
		sent := mine.gather(t, mine.now.Now())
		ids := mine.finishEnvelopes(t, sent)
		require.Len(t, ids, 2)
		require.Equal(t, models.StatusDelivered, mine.settle(t, sent.ID).Status)
		left := mine.gather(t, mine.now.Now())
		gone := mine.mail(t, left.ID).EnvelopeID
		require.NoError(t, mine.cancel(left.ID))
		empty := mine.dispatchEnvelope(t, gone)
		require.Empty(t, empty.With)
		end := empty.Delivery
		end.State = models.DeliveryCancelled
		_, err := mine.s.Deliveries().SettleDelivery(t.Context(), end, models.Heirs{})
		require.NoError(t, err)
		open := other.gather(t, mine.now.Now().Add(time.Hour))

		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 300, Categories: map[string]int{"exception": 7}})
		mine.now.advance(7*day - time.Second)
		assert.Zero(t, mine.retain(t, models.RetainNotifications))
		assert.EqualValues(t, 2, attempts(t, mine.s))
		mine.now.advance(time.Second)
		assert.Equal(t, 3, mine.retain(t, models.RetainNotifications), "the category of what they gather counts")
		for _, id := range append(ids, gone) {
			assert.False(t, mine.hasEnvelope(t, id))
		}
		assert.Zero(t, attempts(t, mine.s))
		r := mine.report(t, sent.ID)
		assert.Equal(t, models.DeliveryDelivered, mine.mail(t, sent.ID).State, "its notification has a longer rule")
		assert.Empty(t, r.Envelopes)
		assert.True(t, other.hasEnvelope(t, other.mail(t, open.ID).EnvelopeID))
		mine.now.advance(300 * day)
		assert.Equal(t, 2, mine.retain(t, models.RetainNotifications), "then the notifications")
		assert.True(t, other.hasEnvelope(t, other.mail(t, open.ID).EnvelopeID))
	})
}

// TestNotificationsLeaveEnvelopesToThoseThatStay: an envelope is of all that it holds.
func TestNotificationsLeaveEnvelopesToThoseThatStay(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.toToday()
		first, second := mine.gather(t, mine.now.Now()), mine.gather(t, mine.now.Now())
		id := mine.mail(t, first.ID).EnvelopeID
		mine.finishEnvelopes(t, first)
		for _, n := range []models.Notification{first, second} {
			require.Equal(t, models.StatusDelivered, mine.settle(t, n.ID).Status)
		}
		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 7, Categories: map[string]int{"exception": 0}})
		mine.now.advance(8 * day)
		assert.Equal(t, 2, mine.retain(t, models.RetainNotifications))
		assert.True(t, mine.hasEnvelope(t, id), "its category is kept for ever")
		assert.EqualValues(t, 2, attempts(t, mine.s))
	})
}

// keepsEnvelopes stores envelopes that ended, each with an attempt.
func (n tenant) keepsEnvelopes(t *testing.T, count int) {
	t.Helper()
	now := n.now.Now()
	envelopes, tries := make([]models.Envelope, count), make([]models.Attempt, count)
	for i := range envelopes {
		id := store.NewID(models.KindEnvelope)
		envelopes[i] = models.Envelope{ID: id, AccountID: n.id, Category: "exception", State: models.EnvelopeDelivered, ClosesAt: now, CreatedAt: now, FinishedAt: &now}
		tries[i] = models.Attempt{AccountID: n.id, DeliveryID: id, Number: 1, StartedAt: now, FinishedAt: &now, Outcome: models.OutcomeDelivered}
	}
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		for some := range slices.Chunk(envelopes, 500) {
			if err := store.Insert(ctx, tx.In(n.id), &some); err != nil {
				return err
			}
		}
		for some := range slices.Chunk(tries, 500) {
			if err := store.Insert(ctx, tx.In(n.id), &some); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestRetentionOfEnvelopesIsBoundedAndReadsIndexes(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.toToday()
		mine.keepsEnvelopes(t, 220)
		mine.keep(t, models.RetentionRule{}, models.RetentionRule{Days: 7})
		mine.now.advance(8 * day)
		mine.keepsEnvelopes(t, 3000) // few rows are read whole
		store.Analyze(t, mine.s, "envelopes, attempts")
		stop := store.Record(t, mine.s)
		step, err := mine.s.Attic().Retain(t.Context(), models.RetainNotifications, "")
		require.NoError(t, err)
		assert.Equal(t, models.Retained{After: step.After, Deleted: 200}, step, "one transaction is small")
		for _, statement := range stop() {
			store.WantIndex(t, mine.s, statement)
		}
		assert.Equal(t, 20, mine.retain(t, models.RetainNotifications))
		assert.EqualValues(t, 3000, attempts(t, mine.s), "the attempts of those that are not old")
	})
}
