package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// merged accepts as many notifications that are merged, each planned to go to one address and
// one bot, and returns them, the most urgent first.
func (n tenant) merged(t *testing.T, count int) []models.Notification {
	t.Helper()
	var r models.Reminding
	for range count {
		r.Acceptances = append(r.Acceptances, n.draft(func(m *models.Notification) { m.Source, m.ProductID = models.SourceReminder, "" }))
	}
	done, err := n.s.Remindings().Remind(t.Context(), n.id, r)
	require.NoError(t, err)
	require.True(t, done)
	rows, _, err := n.s.In(n.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{Limit: count})
	require.NoError(t, err)
	slices.SortFunc(rows, func(a, b models.Notification) int {
		return slices.Index(rows[0].MergedWith, a.ID) - slices.Index(rows[0].MergedWith, b.ID)
	})
	require.Len(t, rows[0].MergedWith, count)
	return rows
}

// plansOf are what planning decides about merged notifications.
func plansOf(all []models.Notification) []models.Plan {
	plans := make([]models.Plan, len(all))
	for i, n := range all {
		plans[i] = models.Plan{Notification: n, Deliveries: []models.Delivery{
			{Slot: "email:x", Channel: models.ChannelEmail, AddressKey: "x@example.com", State: models.DeliveryPending},
			{Slot: "webhook:x", Channel: models.ChannelWebhook, BotID: "bot_1", State: models.DeliveryPending},
		}}
	}
	return plans
}

// mail is the notification's delivery over e-mail.
func (n tenant) mail(t *testing.T, id string) models.Delivery {
	t.Helper()
	for _, d := range n.report(t, id).Deliveries {
		if d.Channel == models.ChannelEmail {
			return d
		}
	}
	t.Fatalf("%s has no e-mail", id)
	return models.Delivery{}
}

func (n tenant) tell(t *testing.T, carrier models.Delivery, number int, others ...string) bool {
	t.Helper()
	begun, err := n.s.Deliveries().BeginAttempt(t.Context(), models.Attempt{
		AccountID: n.id, DeliveryID: carrier.ID, Number: number, ProviderID: "prv_1", StartedAt: n.now.Now(),
	}, carrier.NotificationID, others...)
	require.NoError(t, err)
	return begun
}

func (n tenant) settle(t *testing.T, id string) models.Progress {
	t.Helper()
	p, err := n.s.Deliveries().SettleNotification(t.Context(), n.id, id)
	require.NoError(t, err)
	return p
}

func (n tenant) cancel(id string) error {
	return n.s.Write(context.Background(), func(tx *store.Tx) error {
		_, _, err := tx.In(n.id).Notifications().Cancel(context.Background(), id)
		return err
	})
}

// TestMergedNotificationsArePlannedTogetherOnce: each of their workflows may be the first, and
// all may be at it at the same time.
func TestMergedNotificationsArePlannedTogetherOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		all := mine.merged(t, 3)
		var together sync.WaitGroup
		open := make([]models.Progress, len(all))
		for i, n := range all {
			together.Go(func() {
				var err error
				open[i], err = mine.s.Deliveries().PlanNotification(context.WithoutCancel(t.Context()), mine.id, n.ID, plansOf(all)...)
				assert.NoError(t, err)
			})
		}
		together.Wait()
		assert.Len(t, open[0].Pending, 2)
		assert.Empty(t, open[1].Pending, "its deliveries are carried")
		carrier := mine.mail(t, all[0].ID)
		for _, n := range all[1:] {
			r := mine.report(t, n.ID)
			assert.NotNil(t, r.Notification.PlannedAt)
			assert.Len(t, r.Deliveries, 3, "the inbox, and one row for each recipient, once")
			d := mine.mail(t, n.ID)
			assert.Equal(t, carrier.ID, d.EnvelopeID)
			assert.Equal(t, carrier.NotificationID, r.Envelopes[d.EnvelopeID].NotificationID)
		}
		// What was cancelled before is not planned.
		others := mine.merged(t, 2)
		require.NoError(t, mine.cancel(others[0].ID))
		p, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, others[1].ID, plansOf(others)...)
		require.NoError(t, err)
		assert.Len(t, p.Pending, 2, "it leaves by itself")
	})
}

func TestCarriedDeliveriesEndWithTheirCarrier(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		all := mine.merged(t, 3)
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, all[0].ID, plansOf(all)...)
		require.NoError(t, err)
		carrier, second, third := mine.mail(t, all[0].ID), mine.mail(t, all[1].ID), mine.mail(t, all[2].ID)
		d, err := mine.s.Deliveries().Dispatch(t.Context(), mine.id, carrier.ID)
		require.NoError(t, err)
		require.Len(t, d.With, 2)
		assert.Equal(t, []string{all[1].ID, all[2].ID}, []string{d.With[0].Notification.ID, d.With[1].Notification.ID})
		require.True(t, mine.tell(t, carrier, 1, second.ID))
		assert.False(t, mine.tell(t, carrier, 1, second.ID), "a number is given once")
		assert.Equal(t, models.StatusPending, mine.settle(t, all[1].ID).Status, "the call is under way")
		mine.finish(t, carrier, 1, models.OutcomeDelivered, models.DeliveryDelivered, nil)

		wakes := map[string]bool{}
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Minute, 100)
		require.NoError(t, err)
		for _, row := range rows {
			if row.Call == models.CallWake {
				wakes[row.EntityID] = true
			}
		}
		assert.Equal(t, map[string]bool{all[1].ID: true, all[2].ID: true}, wakes, "those whose text it carried are told")

		ended := mine.settle(t, all[1].ID)
		require.Len(t, ended.Ended, 1)
		assert.Equal(t, models.DeliveryDelivered, ended.Ended[0].State)
		assert.Len(t, mine.report(t, all[1].ID).Attempts[second.ID], 1)
		free := mine.settle(t, all[2].ID)
		require.Len(t, free.Pending, 1, "the attempt did not tell of it: it goes on by itself")
		assert.Equal(t, third.ID, free.Pending[0].ID)
		assert.Empty(t, free.Pending[0].EnvelopeID)
		require.True(t, mine.tell(t, free.Pending[0], 1))
		assert.False(t, mine.tell(t, carrier, 2), "a final one is not tried again")

		_, err = other.s.Deliveries().Dispatch(t.Context(), other.id, carrier.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
	})
}

func TestAnAttemptThatTellsOfSomethingCancelledDoesNotBegin(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		all := mine.merged(t, 2)
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, all[0].ID, plansOf(all)...)
		require.NoError(t, err)
		carrier, second := mine.mail(t, all[0].ID), mine.mail(t, all[1].ID)
		require.NoError(t, mine.cancel(all[1].ID))
		assert.False(t, mine.tell(t, carrier, 1, second.ID))
		assert.Zero(t, mine.mail(t, all[0].ID).Attempts, "nothing is left of it")
		assert.Empty(t, mine.report(t, all[0].ID).Attempts[carrier.ID])
		assert.True(t, mine.tell(t, carrier, 1))
	})
}

// TestACancellationAndACallAgreeOnWhoWasFirst: told and delivered, or cancelled and not told.
func TestACancellationAndACallAgreeOnWhoWasFirst(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		ctx := context.WithoutCancel(t.Context())
		for range 20 {
			all := mine.merged(t, 3)
			_, err := mine.s.Deliveries().PlanNotification(ctx, mine.id, all[0].ID, plansOf(all)...)
			require.NoError(t, err)
			carrier, second, third := mine.mail(t, all[0].ID), mine.mail(t, all[1].ID), mine.mail(t, all[2].ID)
			var begun bool
			var both sync.WaitGroup
			both.Go(func() { begun = mine.tell(t, carrier, 1, second.ID, third.ID) })
			both.Go(func() { assert.NoError(t, mine.cancel(all[1].ID)) })
			both.Go(func() { mine.settle(t, all[2].ID) })
			both.Wait()
			if begun {
				var end sync.WaitGroup
				end.Go(func() { mine.finish(t, carrier, 1, models.OutcomeDelivered, models.DeliveryDelivered, nil) })
				end.Go(func() { mine.settle(t, all[1].ID) })
				end.Wait()
			}
			mine.settle(t, all[1].ID)
			want := models.DeliveryCancelled
			if begun {
				want = models.DeliveryDelivered
			}
			assert.Equal(t, want, mine.mail(t, all[1].ID).State, "begun: %v", begun)
		}
	})
}

func TestTheCancelledCarrierLetsTheOthersGo(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		all := mine.merged(t, 3)
		_, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, all[0].ID, plansOf(all)...)
		require.NoError(t, err)
		require.NoError(t, mine.cancel(all[0].ID))
		for _, n := range all[1:] {
			assert.Len(t, mine.settle(t, n.ID).Pending, 2)
		}
		require.NoError(t, mine.cancel(all[1].ID))
		assert.Equal(t, models.StatusCancelled, mine.report(t, all[1].ID).Notification.Status)
	})
}

func TestOneInboxMessageStandsForAll(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		r := models.Reminding{Acceptances: []models.Acceptance{mine.draft(nil), mine.draft(nil)}}
		for i := range r.Acceptances {
			r.Acceptances[i].Notification.ExternalID = ""
			if i > 0 {
				r.Acceptances[i].Instead = []models.Message{}
			}
		}
		_, err := mine.s.Remindings().Remind(t.Context(), mine.id, r)
		require.NoError(t, err)
		messages := mine.messages(t)
		require.Len(t, messages, 1)
		rows, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		require.Len(t, rows, 2)
		for _, n := range rows {
			report := mine.report(t, n.ID)
			assert.Equal(t, messages[0].ID, report.MessageID)
			require.Len(t, report.Deliveries, 1)
			assert.Equal(t, models.DeliveryDelivered, report.Deliveries[0].State)
		}
	})
}
