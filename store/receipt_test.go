package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
	"belfry.dev/belfry/store"
)

// receive records a receipt of the delivery's first attempt, and returns what it changed.
func (n tenant) receive(t *testing.T, d models.Delivery, state models.DeliveryState, change func(*receipt.Receipt)) ([]models.Part, error) {
	t.Helper()
	r := receipt.Receipt{ProviderID: "pvd_1", DeliveryID: d.ID, Attempt: 1, Ref: "ref_1", State: state}
	if state == models.DeliveryFailed {
		r.Reason, r.Code = receipt.ReasonUnreachable, "30003"
	}
	if change != nil {
		change(&r)
	}
	return n.s.Deliveries().Receive(t.Context(), r)
}

// taken is a notification whose first delivery the provider took, and whose other one arrived.
func (n tenant) taken(t *testing.T) (models.Notification, models.Delivery) {
	t.Helper()
	m, open := n.planned(t, nil)
	require.True(t, n.begin(t, open[1], 1))
	n.finish(t, open[1], 1, models.OutcomeDelivered, models.DeliveryDelivered, nil)
	require.True(t, n.begin(t, open[0], 1))
	p := n.accepted(t, open[0])
	require.Equal(t, models.StatusDelivered, p.Status, "accepted counts as delivered")
	return m, open[0]
}

func (n tenant) accepted(t *testing.T, d models.Delivery) models.Progress {
	t.Helper()
	return n.finish(t, d, 1, models.OutcomeAccepted, models.DeliveryAccepted, func(end *models.AttemptEnd) { end.Attempt.ProviderRef = "ref_1" })
}

// stands is the delivery, its first attempt and the notification's status.
func (n tenant) stands(t *testing.T, notification, delivery string) (models.Delivery, models.Attempt, models.NotificationStatus) {
	t.Helper()
	r := n.report(t, notification)
	for _, d := range r.Deliveries {
		if d.ID == delivery {
			require.NotEmpty(t, r.Attempts[delivery])
			return d, r.Attempts[delivery][0], r.Notification.Status
		}
	}
	t.Fatalf("%s has no delivery %s", notification, delivery)
	return models.Delivery{}, models.Attempt{}, ""
}

func TestAReceiptSaysWhatBecameOfWhatWasAccepted(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, d := mine.taken(t)
		got, _, _ := mine.stands(t, n.ID, d.ID)
		assert.Equal(t, models.DeliveryAccepted, got.State)
		mine.now.advance(time.Minute)
		changed, err := mine.receive(t, d, models.DeliveryFailed, nil)
		require.NoError(t, err)
		require.Len(t, changed, 1)
		assert.Equal(t, n.ID, changed[0].Notification.ID)
		got, a, status := mine.stands(t, n.ID, d.ID)
		assert.Equal(t, models.DeliveryFailed, got.State)
		assert.Equal(t, receipt.ReasonUnreachable, got.Reason)
		assert.Equal(t, models.StatusPartial, status)
		assert.Equal(t, models.OutcomeAccepted, a.Outcome, "the outcome stays")
		assert.Equal(t, "30003", a.ReceiptCode)
		require.NotNil(t, a.ReceiptAt)
		assert.True(t, a.ReceiptAt.Equal(mine.now.Now()))

		changed, err = mine.receive(t, d, models.DeliveryFailed, nil)
		require.NoError(t, err)
		assert.Empty(t, changed, "the second time changes nothing")

		changed, err = mine.receive(t, d, models.DeliveryDelivered, nil)
		require.NoError(t, err)
		assert.Len(t, changed, 1, "a failure may turn out to be delivered")
		_, _, status = mine.stands(t, n.ID, d.ID)
		assert.Equal(t, models.StatusDelivered, status)

		changed, err = mine.receive(t, d, models.DeliveryFailed, nil)
		require.NoError(t, err)
		assert.Empty(t, changed, "what was delivered never fails")
		got, _, status = mine.stands(t, n.ID, d.ID)
		assert.Equal(t, models.DeliveryDelivered, got.State)
		assert.Empty(t, got.Reason)
		assert.Equal(t, models.StatusDelivered, status)
	})
}

func TestWhatAReceiptFailedCanBeResent(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, open := mine.planned(t, nil)
		for _, d := range open {
			require.True(t, mine.begin(t, d, 1))
			mine.accepted(t, d)
			_, err := mine.receive(t, d, models.DeliveryFailed, nil)
			require.NoError(t, err)
		}
		_, _, status := mine.stands(t, n.ID, open[0].ID)
		assert.Equal(t, models.StatusFailed, status)
		mine.resend(t, n.ID, 2)
		_, err := mine.receive(t, open[0], models.DeliveryDelivered, nil)
		require.NoError(t, err)
		got, _, status := mine.stands(t, n.ID, open[0].ID)
		assert.Equal(t, models.DeliveryDelivered, got.State, "a late receipt of the first")
		assert.Equal(t, models.StatusPending, status, "the newest copy counts")
	})
}

func (n tenant) resend(t *testing.T, id string, copies int) {
	t.Helper()
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		again, err := tx.In(n.id).Notifications().Resend(ctx, id)
		assert.Len(t, again, copies)
		return err
	})
}

// TestAReceiptMayOvertakeTheAnswer: it is kept with the attempt, and the attempt's end finds it.
func TestAReceiptMayOvertakeTheAnswer(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for outcome, state := range map[string]models.DeliveryState{
			models.OutcomeAccepted: models.DeliveryAccepted,
			models.OutcomeUnknown:  models.DeliveryFailed, // the worker died, or the answer was lost
		} {
			n, open := mine.planned(t, nil)
			require.True(t, mine.begin(t, open[0], 1))
			changed, err := mine.receive(t, open[0], models.DeliveryDelivered, nil)
			require.NoError(t, err)
			assert.Empty(t, changed, "the call is under way")
			p := mine.finish(t, open[0], 1, outcome, state, nil)
			require.Len(t, p.Ended, 1, "it is counted")
			assert.Equal(t, models.DeliveryDelivered, p.Ended[0].State)
			got, a, _ := mine.stands(t, n.ID, open[0].ID)
			assert.Equal(t, models.DeliveryDelivered, got.State)
			assert.Equal(t, outcome, a.Outcome)
		}
	})
}

func TestReceiptsOfNobodysMessagesAreNotFound(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, d := mine.taken(t)
		for name, change := range map[string]func(*receipt.Receipt){
			"another provider": func(r *receipt.Receipt) { r.ProviderID = "pvd_2" },
			"another attempt":  func(r *receipt.Receipt) { r.Attempt = 2 },
			"another delivery": func(r *receipt.Receipt) { r.DeliveryID = "dlv_x" },
			"another message":  func(r *receipt.Receipt) { r.Ref = "ref_2" },
		} {
			_, err := mine.receive(t, d, models.DeliveryFailed, change)
			assert.Equal(t, models.CodeNotFound, models.CodeOf(err), name)
		}
		got, a, _ := mine.stands(t, n.ID, d.ID)
		assert.Equal(t, models.DeliveryAccepted, got.State)
		assert.Empty(t, a.Receipt)
	})
}

// TestAReceiptIsOfAllThatTheMessageTold: of merged notifications, whether theirs followed the
// one that led before it came, or not.
func TestAReceiptIsOfAllThatTheMessageTold(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		all := mine.merged(t, 3)
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, all[0].ID, plansOf(all)...)
		require.NoError(t, err)
		lead := mine.mail(t, all[0].ID)
		others := []string{mine.mail(t, all[1].ID).ID, mine.mail(t, all[2].ID).ID}
		begun, err := mine.s.Deliveries().BeginAttempt(t.Context(), models.Attempt{AccountID: mine.id, DeliveryID: lead.ID, Number: 1, ProviderID: "pvd_1"}, lead.NotificationID, others...)
		require.NoError(t, err)
		require.True(t, begun)
		mine.accepted(t, lead)
		mine.settle(t, all[1].ID)
		assert.Equal(t, models.DeliveryAccepted, mine.mail(t, all[1].ID).State, "it ends as the one that leads")
		changed, err := mine.receive(t, lead, models.DeliveryFailed, nil)
		require.NoError(t, err)
		assert.Len(t, changed, 2)
		mine.settle(t, all[2].ID)
		for _, n := range all {
			d := mine.mail(t, n.ID)
			assert.Equal(t, models.DeliveryFailed, d.State)
			assert.Equal(t, receipt.ReasonUnreachable, d.Reason)
		}
	})
}

func TestAReceiptIsOfAllInADigest(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		closes := mine.now.Now().Add(time.Minute)
		first, second := mine.gather(t, closes), mine.gather(t, closes)
		mine.now.advance(time.Minute)
		e := mine.mail(t, first.ID).EnvelopeID
		d := mine.closeEnvelope(t, e)
		begun, err := mine.s.Deliveries().BeginAttempt(t.Context(), models.Attempt{AccountID: mine.id, DeliveryID: e, Number: 1, ProviderID: "pvd_1"}, "", idsOf(d.With)...)
		require.NoError(t, err)
		require.True(t, begun)
		mine.accepted(t, d.Delivery)
		for _, n := range []models.Notification{first, second} {
			assert.Equal(t, models.DeliveryAccepted, mine.mail(t, n.ID).State)
		}
		changed, err := mine.receive(t, d.Delivery, models.DeliveryDelivered, nil)
		require.NoError(t, err)
		assert.Len(t, changed, 2)
		for _, n := range []models.Notification{first, second} {
			assert.Equal(t, models.DeliveryDelivered, mine.mail(t, n.ID).State)
		}
	})
}

// TestReceiptsAndTheAnswerComeAtTheSameTime: whoever is first, the end is the same, and one of
// the receipts counts.
func TestReceiptsAndTheAnswerComeAtTheSameTime(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for range 5 {
			n, open := mine.planned(t, nil)
			require.True(t, mine.begin(t, open[0], 1))
			var together sync.WaitGroup
			for range 3 {
				together.Go(func() {
					_, err := mine.receive(t, open[0], models.DeliveryDelivered, nil)
					assert.NoError(t, err)
				})
			}
			together.Go(func() { mine.accepted(t, open[0]) })
			together.Wait()
			got, a, _ := mine.stands(t, n.ID, open[0].ID)
			assert.Equal(t, models.DeliveryDelivered, got.State)
			assert.Equal(t, models.DeliveryDelivered, a.Receipt)
		}
	})
}
