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
	"belfry.dev/belfry/store/storetest"
)

// tenant is an account in a store whose clock the test moves.
type tenant struct {
	s   *store.Store
	id  models.AccountID
	now *tenantClock
}

type tenantClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *tenantClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *tenantClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// onTenants runs the test on both databases with two accounts.
func onTenants(t *testing.T, test func(t *testing.T, mine, other tenant)) {
	t.Helper()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		c := &tenantClock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		cfg.Now = c.Now
		s := storetest.Open(t, cfg)
		test(t, newTenant(t, s, c, "mine"), newTenant(t, s, c, "other"))
	})
}

func newTenant(t *testing.T, s *store.Store, c *tenantClock, alias string) tenant {
	t.Helper()
	in := store.NewAccount{
		Account: models.Account{Alias: alias, Name: alias, Language: models.LocaleEN, TimeZone: "UTC", Enabled: true},
		Root:    models.User{Name: "root", PasswordHash: "x", Enabled: true},
		Contact: models.Contact{
			Kind: models.ContactAccount, Name: alias, Enabled: true,
			Addresses: []models.Address{{
				Channel: models.ChannelEmail, Value: "Ops@" + alias + ".example", ValueKey: "ops@" + alias + ".example",
				State: models.AddressVerified,
			}},
		},
	}
	inTx(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Accounts().Create(ctx, &in) })
	return tenant{s: s, id: in.Account.ID, now: c}
}

func inTx(t *testing.T, s *store.Store, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) }))
}

func (n tenant) draft(change func(*models.Notification)) models.Acceptance {
	a := models.Acceptance{
		Notification: models.Notification{
			AccountID: n.id, Type: "account.low_balance", TypeVersion: 1, Category: "account",
			Severity: models.SeverityWarning, Source: models.SourceProduct, ProductID: "prd_1",
			Language: models.LocaleEN, Variables: map[string]string{"balance": "3"},
			ExpiresAt: n.now.Now().Add(time.Hour), Fingerprint: []byte("one"),
		},
		Inbox: models.Rendered{Locale: models.LocaleEN, Title: "Low balance", Body: "3 left"},
	}
	if change != nil {
		change(&a.Notification)
	}
	return a
}

func (n tenant) accept(t *testing.T, change func(*models.Notification)) models.Notification {
	t.Helper()
	var stored []models.Notification
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		var err error
		stored, err = tx.Accept(ctx, []models.Acceptance{n.draft(change)})
		return err
	})
	return stored[0]
}

// accepted plans one e-mail and one webhook delivery for a new notification.
func (n tenant) planned(t *testing.T, change func(*models.Notification)) (models.Notification, []models.Delivery) {
	t.Helper()
	stored := n.accept(t, change)
	p, err := n.s.Deliveries().PlanNotification(t.Context(), n.id, stored.ID, models.Plan{Deliveries: []models.Delivery{
		{Slot: "email:adr_1", Channel: models.ChannelEmail, AddressID: "adr_1", AddressKey: "a@b", State: models.DeliveryPending},
		{Slot: "webhook:bot_1", Channel: models.ChannelWebhook, BotID: "bot_1", State: models.DeliveryPending},
		{Slot: "sms:ctc_1", Channel: models.ChannelSMS, State: models.DeliverySuppressed, Reason: models.ReasonNoAddress},
	}})
	require.NoError(t, err)
	require.Len(t, p.Pending, 2)
	return stored, p.Pending
}

func (n tenant) report(t *testing.T, id string) store.Report {
	t.Helper()
	r, err := n.s.In(n.id).Notifications().Report(t.Context(), id)
	require.NoError(t, err)
	return r
}

// begin starts the delivery's next attempt.
func (n tenant) begin(t *testing.T, d models.Delivery, number int) bool {
	t.Helper()
	ok, err := n.s.Deliveries().BeginAttempt(t.Context(), models.Attempt{
		AccountID: n.id, DeliveryID: d.ID, Number: number, ProviderID: "pvd_1", Provider: "primary",
	}, d.NotificationID)
	require.NoError(t, err)
	return ok
}

func (n tenant) finish(t *testing.T, d models.Delivery, number int, outcome string, state models.DeliveryState, change func(*models.AttemptEnd)) models.Progress {
	t.Helper()
	d.State, d.Attempts, d.Reason = state, number, ""
	if state == models.DeliveryFailed {
		d.Reason = outcome
	}
	end := models.AttemptEnd{Attempt: models.Attempt{DeliveryID: d.ID, Number: number, Outcome: outcome}, Delivery: d}
	if change != nil {
		change(&end)
	}
	p, err := n.s.Deliveries().FinishAttempt(t.Context(), end)
	require.NoError(t, err)
	return p
}

func TestAcceptWritesNotificationInboxAndOutboxTogether(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		n := submitAll(t, mine.s, mine.draft(nil))[0].Notification
		r := mine.report(t, n.ID)
		assert.Equal(t, models.StatusPending, r.Notification.Status)
		assert.Equal(t, map[string]string{"balance": "3"}, r.Notification.Variables)
		assert.NotEmpty(t, r.MessageID, "the account's inbox must have the message")
		require.Len(t, r.Deliveries, 1)
		assert.Equal(t, models.SlotAccountInbox, r.Deliveries[0].Slot)
		assert.Equal(t, models.DeliveryDelivered, r.Deliveries[0].State)
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.Equal(t, n.ID, rows[0].EntityID)

		_, err = other.s.In(other.id).Notifications().Report(t.Context(), n.ID)
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err), "another account's notification does not exist")
	})
}

func TestScheduledNotificationReachesTheInboxWhenItIsPlanned(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		at := mine.now.Now().Add(time.Minute)
		n := mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &at })
		assert.Equal(t, models.StatusScheduled, n.Status)
		assert.Empty(t, mine.report(t, n.ID).MessageID)
		message := models.MessageOf(n, "", models.Rendered{Locale: models.LocaleEN, Title: "Due"})
		p, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, n.ID, models.Plan{
			Deliveries: []models.Delivery{{Slot: models.SlotAccountInbox, Channel: models.ChannelInbox, State: models.DeliveryDelivered}},
			Messages:   []models.Message{message},
		})
		require.NoError(t, err)
		assert.Equal(t, models.StatusDelivered, p.Status, "nothing else is open")
		r := mine.report(t, n.ID)
		assert.NotEmpty(t, r.MessageID)
		assert.NotNil(t, r.Notification.FinishedAt)
	})
}

func TestPlanningTwiceMakesOneSetOfDeliveries(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, open := mine.planned(t, nil)
		p, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, n.ID, models.Plan{Deliveries: []models.Delivery{
			{Slot: "email:adr_2", Channel: models.ChannelEmail, State: models.DeliveryPending},
		}})
		require.NoError(t, err)
		assert.Equal(t, open[0].ID, p.Pending[0].ID)
		assert.Len(t, p.Pending, 2)
		assert.Len(t, mine.report(t, n.ID).Deliveries, 4)
		mine.now.advance(time.Hour)
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
		require.NoError(t, err)
		assert.Empty(t, rows, "a planned notification needs no start")
	})
}

func TestExternalIDMakesOneNotificationPerProduct(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		with := func(n *models.Notification) { n.ExternalID = "invoice-7" }
		first := mine.accept(t, with)
		assert.Equal(t, first.ID, mine.accept(t, with).ID, "the same submission is the same notification")
		err := mine.s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Accept(t.Context(), []models.Acceptance{other.draft(func(n *models.Notification) {
				n.ExternalID, n.Fingerprint = "invoice-7", []byte("two")
			})})
			return err
		})
		assert.Equal(t, models.CodeConflict, models.CodeOf(err))
		another := mine.accept(t, func(n *models.Notification) { n.ExternalID, n.ProductID = "invoice-7", "prd_2" })
		assert.NotEqual(t, first.ID, another.ID, "another product has its own external ids")
		items, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Len(t, items, 2)
	})
}

func TestListsKeepAccountsAndProductsApart(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		var ids []string
		for range 5 {
			mine.now.advance(time.Second)
			ids = append(ids, mine.accept(t, nil).ID)
			other.accept(t, func(n *models.Notification) { n.ProductID = "prd_2" })
		}
		slices.Reverse(ids)
		var got []string
		page := store.Page{Limit: 2}
		for {
			items, next, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{Status: models.StatusPending}, page)
			require.NoError(t, err)
			for _, n := range items {
				got = append(got, n.ID)
			}
			if page.After = next; next == "" {
				break
			}
		}
		assert.Equal(t, ids, got, "newest first, all pages, own account only")
		items, _, err := mine.s.Platform().Submissions().List(t.Context(), "prd_2", store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Len(t, items, 5)
		_, err = mine.s.Platform().Submissions().AccountOf(t.Context(), "prd_2", ids[0])
		assert.Equal(t, models.CodeNotFound, models.CodeOf(err), "what another product submitted does not exist")
		account, err := mine.s.Platform().Submissions().AccountOf(t.Context(), "prd_1", ids[0])
		require.NoError(t, err)
		assert.Equal(t, mine.id, account)
	})
}

func TestCancellingBeforeItIsDueSendsNothing(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		at := mine.now.Now().Add(time.Minute)
		n := mine.accept(t, func(n *models.Notification) { n.ScheduleAt = &at })
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, after, err := tx.In(mine.id).Notifications().Cancel(ctx, n.ID)
			assert.Equal(t, models.StatusCancelled, after.Status)
			return err
		})
		p, err := mine.s.Deliveries().PlanNotification(t.Context(), mine.id, n.ID, models.Plan{
			Deliveries: []models.Delivery{{Slot: "email:adr_1", Channel: models.ChannelEmail, State: models.DeliveryPending}},
		})
		require.NoError(t, err)
		assert.Equal(t, models.StatusCancelled, p.Status, "a late plan changes nothing")
		r := mine.report(t, n.ID)
		assert.Empty(t, r.Deliveries)
		assert.NotNil(t, r.Notification.FinishedAt)
		err = mine.s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.In(mine.id).Notifications().Cancel(t.Context(), n.ID)
			return err
		})
		assert.Equal(t, models.CodeConflict, models.CodeOf(err))
	})
}

func TestCancellingLeavesTheCallUnderWayAlone(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, open := mine.planned(t, nil)
		require.True(t, mine.begin(t, open[0], 1))
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			_, after, err := tx.In(mine.id).Notifications().Cancel(ctx, n.ID)
			assert.Equal(t, models.StatusPending, after.Status, "one call is under way")
			return err
		})
		assert.False(t, mine.begin(t, open[1], 1), "nothing is begun after a cancellation")
		p := mine.finish(t, open[0], 1, models.OutcomeRetry, models.DeliveryPending, nil)
		assert.Equal(t, models.StatusCancelled, p.Status, "what would be tried again is cancelled instead")
		for _, d := range mine.report(t, n.ID).Deliveries {
			if !d.State.Final() || d.Slot == "email:adr_1" && d.State != models.DeliveryCancelled {
				t.Errorf("%s is %s", d.Slot, d.State)
			}
		}
	})
}

func TestResendRepeatsExactlyWhatFailed(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		n, open := mine.planned(t, nil)
		resend := func() (again []models.Delivery, err error) {
			err = mine.s.Write(t.Context(), func(tx *store.Tx) error {
				var err error
				again, err = tx.In(mine.id).Notifications().Resend(t.Context(), n.ID)
				return err
			})
			return again, err
		}
		_, err := resend()
		assert.Equal(t, models.CodeConflict, models.CodeOf(err), "nothing has failed yet")
		mine.begin(t, open[0], 1)
		mine.finish(t, open[0], 1, models.OutcomePermanent, models.DeliveryFailed, nil)
		mine.begin(t, open[1], 1)
		p := mine.finish(t, open[1], 1, models.OutcomeDelivered, models.DeliveryDelivered, nil)
		assert.Equal(t, models.StatusPartial, p.Status)

		mine.now.advance(2 * time.Hour)
		again, err := resend()
		require.NoError(t, err)
		require.Len(t, again, 1)
		assert.Equal(t, open[0].ID, again[0].Key(), "the provider must see the same key")
		assert.Equal(t, models.StatusPending, mine.report(t, n.ID).Notification.Status)
		_, err = resend()
		assert.Equal(t, models.CodeConflict, models.CodeOf(err), "it is on its way already")

		require.True(t, mine.begin(t, again[0], 1), "the time to live begins anew")
		mine.finish(t, again[0], 1, models.OutcomePermanent, models.DeliveryFailed, nil)
		third, err := resend()
		require.NoError(t, err)
		require.Len(t, third, 1)
		assert.Equal(t, open[0].ID, third[0].Key())
		after := mine.report(t, n.ID).Notification
		assert.Equal(t, n.ExpiresAt.Sub(n.CreatedAt), after.ExpiresAt.Sub(third[0].CreatedAt), "its life is as long as it first was, however often")
		mine.begin(t, third[0], 1)
		p = mine.finish(t, third[0], 1, models.OutcomeDelivered, models.DeliveryDelivered, nil)
		assert.Equal(t, models.StatusDelivered, p.Status)
		rows, err := mine.s.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.Equal(t, models.CallWake, rows[0].Call)
		assert.True(t, strings.HasSuffix(third[0].Slot, "#3"), third[0].Slot)
	})
}
