package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func TestAttemptNumbersFenceLateWorkers(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, open := mine.planned(t, nil)
		d := open[0]
		require.True(t, mine.begin(t, d, 1))
		assert.False(t, mine.begin(t, d, 1), "a number is given once")
		assert.False(t, mine.begin(t, d, 3), "numbers have no gaps")
		mine.finish(t, d, 1, models.OutcomeUnknown, models.DeliveryPending, nil)
		require.True(t, mine.begin(t, d, 2))
		mine.finish(t, d, 1, models.OutcomeDelivered, models.DeliveryDelivered, nil) // the late one
		r := mine.report(t, n.ID)
		assert.Equal(t, models.OutcomeUnknown, r.Attempts[d.ID][0].Outcome, "an outcome never changes")
		mine.finish(t, d, 2, models.OutcomePermanent, models.DeliveryFailed, nil)
		mine.finish(t, d, 2, models.OutcomeDelivered, models.DeliveryDelivered, nil)
		_, err := mine.s.Deliveries().SettleDelivery(t.Context(), models.Delivery{
			ID: d.ID, AccountID: mine.id, NotificationID: n.ID, State: models.DeliveryCancelled, Attempts: 2,
		}, models.Heirs{})
		require.NoError(t, err)
		for _, each := range mine.report(t, n.ID).Deliveries {
			if each.ID == d.ID {
				assert.Equal(t, models.DeliveryFailed, each.State, "a final state never changes")
			}
		}
	})
}

func TestLastDeliveryEndsTheNotificationWhoeverIsLast(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for range 5 {
			n, open := mine.planned(t, nil)
			var both sync.WaitGroup
			for _, d := range open {
				require.True(t, mine.begin(t, d, 1))
				both.Go(func() { mine.finish(t, d, 1, models.OutcomeDelivered, models.DeliveryDelivered, nil) })
			}
			both.Wait()
			assert.Equal(t, models.StatusDelivered, mine.report(t, n.ID).Notification.Status)
		}
	})
}

func TestNothingBeginsAfterTheTimeToLive(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		_, open := mine.planned(t, nil)
		mine.now.advance(time.Hour)
		assert.False(t, mine.begin(t, open[0], 1))
	})
}

func TestSuspensionRaisesOneAlarm(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		alarm := mine.draft(func(n *models.Notification) { n.Type, n.ProductID = "exception.bot_suspended", "" })
		suspend := func(e *models.AttemptEnd) {
			e.Destination = models.DestinationEffect{
				Destination: models.BotDestination("bot_1"), AccountID: mine.id, SuspendFor: "auth", Alarm: &alarm,
			}
		}
		for range 2 {
			_, open := mine.planned(t, nil)
			mine.begin(t, open[1], 1)
			mine.finish(t, open[1], 1, models.OutcomeMisconfigured, models.DeliveryPending, suspend)
		}
		alarms := func() int {
			items, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{Type: "exception.bot_suspended"}, store.Page{})
			require.NoError(t, err)
			return len(items)
		}
		assert.Equal(t, 1, alarms(), "one suspension, one alarm")
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error { return tx.In(mine.id).Bots().Resume(ctx, "bot_1") })
		_, open := mine.planned(t, nil)
		mine.begin(t, open[1], 1)
		mine.finish(t, open[1], 1, models.OutcomeMisconfigured, models.DeliveryPending, suspend)
		assert.Equal(t, 2, alarms(), "a new suspension, a new alarm")
	})
}

func TestPausesOnlyGrow(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		_, open := mine.planned(t, nil)
		for i, wait := range []time.Duration{time.Minute, time.Second} {
			until := mine.now.Now().Add(wait)
			require.True(t, mine.begin(t, open[1], i+1))
			mine.finish(t, open[1], i+1, models.OutcomeRateLimited, models.DeliveryPending, func(e *models.AttemptEnd) {
				e.Destination = models.DestinationEffect{
					Destination: models.BotDestination("bot_1"), AccountID: mine.id, PausedUntil: &until,
				}
			})
		}
		states, err := mine.s.In(mine.id).Destinations().States(t.Context(), models.BotDestination("bot_1"))
		require.NoError(t, err)
		s := states[models.BotDestination("bot_1")]
		require.NotNil(t, s.PausedUntil)
		assert.Equal(t, mine.now.Now().Add(time.Minute), s.PausedUntil.UTC())
		assert.Equal(t, 2, s.Failures)
	})
}

func TestBouncedAddressIsFlagged(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		_, open := mine.planned(t, nil)
		contact, err := mine.s.In(mine.id).Contacts().OfAccount(t.Context())
		require.NoError(t, err)
		mine.begin(t, open[0], 1)
		mine.finish(t, open[0], 1, models.OutcomePermanent, models.DeliveryFailed, func(e *models.AttemptEnd) {
			e.Bounced = true
			e.Delivery.AddressID, e.Delivery.AddressKey = contact.Addresses[0].ID, contact.Addresses[0].ValueKey
		})
		contact, err = mine.s.In(mine.id).Contacts().OfAccount(t.Context())
		require.NoError(t, err)
		assert.Equal(t, models.AddressFailed, contact.Addresses[0].State)
		assert.Equal(t, models.ReasonRecipientInvalid, contact.Addresses[0].Reason)
		contact, err = other.s.In(other.id).Contacts().OfAccount(t.Context())
		require.NoError(t, err)
		assert.Equal(t, models.AddressVerified, contact.Addresses[0].State)
	})
}

func TestDispatchReadsWhatAnAttemptNeeds(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		bot := models.Bot{Channel: models.ChannelWebhook, Name: "hook", Enabled: true, Settings: map[string]string{"a": "b"}}
		first := models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: "second", Position: 2, Enabled: true, Settings: map[string]string{}}
		second := models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: "first", Position: 1, Enabled: true, Settings: map[string]string{}}
		off := models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: "off", Position: 0, Settings: map[string]string{}}
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			for _, p := range []*models.Provider{&first, &second, &off} {
				if err := tx.Platform().Providers().Create(ctx, p, map[string]string{"token": p.Name}); err != nil {
					return err
				}
			}
			return tx.In(mine.id).Bots().Create(ctx, &bot, map[string]string{"url": "https://secret"})
		})
		n := mine.accept(t, nil)
		p, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, n.ID, models.Plan{Deliveries: []models.Delivery{
			{Slot: "webhook:x", Channel: models.ChannelWebhook, BotID: bot.ID, State: models.DeliveryPending},
		}})
		require.NoError(t, err)
		d, err := mine.s.Deliveries().Dispatch(t.Context(), mine.id, p.Pending[0].ID)
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"url": "https://secret"}, d.BotSecrets)
		require.Len(t, d.Routes, 2, "enabled providers only, in order")
		assert.Equal(t, []string{"first", "second"}, []string{d.Routes[0].Provider.Name, d.Routes[1].Provider.Name})
		assert.Equal(t, map[string]string{"token": "first"}, d.Routes[0].Secrets)
		_, err = other.s.Deliveries().Dispatch(t.Context(), other.id, p.Pending[0].ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err))

		targets, err := mine.s.Deliveries().NotificationTargets(t.Context(), mine.id, "account.low_balance")
		require.NoError(t, err)
		assert.Len(t, targets.Bots, 1)
		assert.Empty(t, targets.Contacts, "nobody was chosen")
		require.NotNil(t, targets.AccountContact)
		assert.Equal(t, []models.Channel{models.ChannelWebhook}, targets.Configured)
	})
}

func TestUnreadableSecretsKeepNoOtherProviderFromSending(t *testing.T) {
	t.Parallel()
	cfg := storetest.SQLite(t)
	c := &tenantClock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	cfg.Now = c.Now
	before := newTenant(t, storetest.Open(t, cfg), c, "mine")
	store.Tamper(t, before.s, "DELETE FROM secret_checks") // or the other key would be refused at once
	cfg.SecretKey = []byte("another key of exactly 32 bytes!")
	after := storetest.Open(t, cfg)
	bot := models.Bot{Channel: models.ChannelWebhook, Name: "hook", Enabled: true, Settings: map[string]string{}}
	inTx(t, before.s, func(ctx context.Context, tx *store.Tx) error {
		return tx.In(before.id).Bots().Create(ctx, &bot, map[string]string{"url": "https://secret"})
	})
	for name, s := range map[string]*store.Store{"old key": before.s, "new key": after} {
		p := models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: name, Enabled: true, Settings: map[string]string{}}
		inTx(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.Platform().Providers().Create(ctx, &p, map[string]string{"token": name})
		})
	}
	n := before.accept(t, nil)
	p, err := after.Deliveries().PlanNotification(t.Context(), before.id, n.ID, models.Plan{Deliveries: []models.Delivery{
		{Slot: "webhook:x", Channel: models.ChannelWebhook, BotID: bot.ID, State: models.DeliveryPending},
	}})
	require.NoError(t, err)
	d, err := after.Deliveries().Dispatch(t.Context(), before.id, p.Pending[0].ID)
	require.NoError(t, err, "the delivery must reach its end all the same")
	assert.True(t, d.Unreadable)
	require.Len(t, d.Routes, 1)
	assert.Equal(t, "new key", d.Routes[0].Provider.Name)
}
