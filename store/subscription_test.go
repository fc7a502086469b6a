package store_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const billType = "service.bill"

// choose changes the choice of one type.
func (n tenant) choose(t *testing.T, key string, change func(*models.Choice)) models.Matrix {
	t.Helper()
	var after models.Matrix
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) (err error) {
		by := store.MatrixChange{By: models.Actor{Kind: models.ActorUser, ID: "usr_1", Name: "Ann"}, Action: "subscription.update"}
		_, after, err = tx.In(n.id).Subscriptions().Update(ctx, by, func(m *models.Matrix) error {
			c := m.Choices[key]
			change(&c)
			m.Choices[key] = c
			return nil
		})
		return err
	})
	return after
}

// reachable makes a contact with a verified address.
func (n tenant) reachable(t *testing.T, name, mail string) models.Contact {
	t.Helper()
	c := models.Contact{Kind: models.ContactPerson, Name: name, Enabled: true, Addresses: []models.Address{
		{Channel: models.ChannelEmail, Value: mail, ValueKey: mail, State: models.AddressVerified},
	}}
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error { return tx.In(n.id).Contacts().Create(ctx, &c) })
	return c
}

func (n tenant) group(t *testing.T, name string, members ...string) models.ContactGroup {
	t.Helper()
	g := models.ContactGroup{Name: name}
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.In(n.id).ContactGroups().Create(ctx, &g); err != nil {
			return err
		}
		_, err := tx.In(n.id).ContactGroups().ChangeMembers(ctx, g.ID, 0, store.Membership{Add: members})
		return err
	})
	return g
}

func TestTheMatrixKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		fresh, err := mine.s.In(mine.id).Subscriptions().Matrix(t.Context())
		require.NoError(t, err)
		assert.Equal(t, models.Matrix{Version: 1, Choices: map[string]models.Choice{}}, fresh)

		chosen := models.Choice{
			Channels: []models.Channel{}, Kind: models.TargetContacts, Targets: []string{"ctc_1"}, Bots: []string{},
			Caps: map[models.Channel]int{models.ChannelEmail: 5},
		}
		after := mine.choose(t, billType, func(c *models.Choice) { *c = chosen })
		assert.EqualValues(t, 2, after.Version)
		read, err := mine.s.In(mine.id).Subscriptions().Matrix(t.Context())
		require.NoError(t, err)
		assert.Equal(t, models.Matrix{Version: 2, Choices: map[string]models.Choice{billType: chosen}}, read, "empty lists stay apart from missing ones")

		after = mine.choose(t, billType, func(*models.Choice) {})
		assert.EqualValues(t, 2, after.Version, "a change of nothing makes no version")
		after = mine.choose(t, billType, func(c *models.Choice) { *c = models.Choice{} })
		assert.EqualValues(t, 3, after.Version)
		read, err = mine.s.In(mine.id).Subscriptions().Matrix(t.Context())
		require.NoError(t, err)
		assert.Empty(t, read.Choices, "what was reset leaves no row")

		foreign, err := other.s.In(other.id).Subscriptions().Matrix(t.Context())
		require.NoError(t, err)
		assert.Equal(t, fresh, foreign)
	})
}

func TestAMatrixIsChangedForTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		change := func(version int64) error {
			return mine.s.Write(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.In(mine.id).Subscriptions().Update(t.Context(), store.MatrixChange{IfVersion: version}, func(m *models.Matrix) error {
					m.Choices[strconv.FormatInt(m.Version, 10)] = models.Choice{Bots: []string{}}
					return nil
				})
				return err
			})
		}
		require.NoError(t, change(1))
		assert.Equal(t, models.CodeStale, models.CodeOf(change(1)))
		require.NoError(t, change(2))

		var wg sync.WaitGroup
		errs := make(chan error, 8)
		for range 8 {
			wg.Go(func() { errs <- change(3) })
		}
		wg.Wait()
		close(errs)
		won := 0
		for err := range errs {
			if err == nil {
				won++
			} else {
				assert.Equal(t, models.CodeStale, models.CodeOf(err))
			}
		}
		assert.Equal(t, 1, won, "of those who read the same version one changes it")
	})
}

func TestWhomANotificationCouldReach(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		ann, bob := mine.reachable(t, "Ann", "ann@mine.example"), mine.reachable(t, "Bob", "bob@mine.example")
		eve := other.reachable(t, "Eve", "eve@other.example")
		both, empty := mine.group(t, "both", ann.ID, bob.ID), mine.group(t, "empty")
		targets := func(c models.Choice) models.Targets {
			mine.choose(t, billType, func(chosen *models.Choice) { *chosen = c })
			got, err := mine.s.Deliveries().NotificationTargets(t.Context(), mine.id, billType)
			require.NoError(t, err)
			require.NotNil(t, got.AccountContact)
			assert.Equal(t, "mine", got.AccountContact.Name)
			assert.True(t, c.Equal(got.Choice))
			return got
		}
		assert.Empty(t, targets(models.Choice{}).Contacts)
		got := targets(models.Choice{Kind: models.TargetContacts, Targets: []string{bob.ID, eve.ID, "ctc_gone"}})
		assert.Equal(t, []string{"Bob"}, names(got.Contacts), "neither another account's nor one that is gone")
		require.Len(t, got.Contacts[0].Addresses, 1)
		assert.Equal(t, "bob@mine.example", got.Contacts[0].Addresses[0].ValueKey)
		got = targets(models.Choice{Kind: models.TargetContacts, Targets: []string{ann.ID, got.AccountContact.ID}})
		assert.ElementsMatch(t, []string{"mine", "Ann"}, names(got.Contacts), "the account contact can be one of several")
		assert.Equal(t, []string{"Ann", "Bob"}, names(targets(models.Choice{Kind: models.TargetGroups, Targets: []string{both.ID, empty.ID}}).Contacts), "each once")
		assert.Empty(t, targets(models.Choice{Kind: models.TargetGroups, Targets: []string{empty.ID}}).Contacts)

		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.In(mine.id).OptOuts().Add(ctx, "ann@mine.example", models.Marketing); err != nil {
				return err
			}
			if err := tx.In(mine.id).OptOuts().Add(ctx, "bob@mine.example", billType); err != nil {
				return err
			}
			_, _, err := tx.In(mine.id).Preferences().Update(ctx, bob.ID, 0, func(p *models.Preferences) error {
				p.DenyWords, p.MaxPerHour = []string{"spam"}, 3
				return nil
			})
			return err
		})
		got = targets(models.Choice{Kind: models.TargetGroups, Targets: []string{both.ID}})
		assert.Equal(t, map[string]bool{"bob@mine.example": true}, got.Unsubscribed)
		assert.Equal(t, map[string]bool{"ann@mine.example": true}, got.NoMarketing)
		require.Contains(t, got.Preferences, bob.ID)
		assert.Equal(t, []string{"spam"}, got.Preferences[bob.ID].DenyWords)
		assert.NotContains(t, got.Preferences, ann.ID)
	})
}

func TestWhoIsDeletedLeavesTheMatrix(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		mine.choose(t, billType, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, []string{"ctc_1"} })
		mine.choose(t, "service.invoice", func(c *models.Choice) {
			c.Kind, c.Targets, c.Bots = models.TargetContacts, []string{"ctc_1", "ctc_2"}, []string{"bot_1"}
		})
		leave := func(id string) (after models.Matrix) {
			inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) (err error) {
				_, after, err = tx.In(mine.id).Subscriptions().Leave(ctx, id, store.MatrixChange{Action: "contact.delete"})
				return err
			})
			return after
		}
		after := leave("ctc_1")
		assert.Equal(t, models.Choice{FellBack: true}, after.Choices[billType], "its last target: the account contact from now on")
		assert.Equal(t, []string{"ctc_2"}, after.Choices["service.invoice"].Targets)
		assert.False(t, after.Choices["service.invoice"].FellBack)
		after = leave("bot_1")
		assert.Equal(t, []string{}, after.Choices["service.invoice"].Bots, "no bot is not every bot")
		assert.Equal(t, after.Version, leave("ctc_9").Version, "who was nowhere changes nothing")
	})
}

func TestDeletingTakesOutOfTheMatrixByItself(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		ann := mine.reachable(t, "Ann", "ann@mine.example")
		group := mine.group(t, "both", ann.ID)
		bot := models.Bot{Channel: models.ChannelWebhook, Name: "bot", Settings: map[string]string{}, Enabled: true}
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error { return tx.In(mine.id).Bots().Create(ctx, &bot, nil) })
		mine.choose(t, billType, func(c *models.Choice) {
			c.Kind, c.Targets, c.Bots = models.TargetContacts, []string{ann.ID}, []string{bot.ID}
		})
		mine.choose(t, "service.invoice", func(c *models.Choice) { c.Kind, c.Targets = models.TargetGroups, []string{group.ID} })
		inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.In(mine.id).Bots().Delete(ctx, bot.ID); err != nil {
				return err
			}
			if _, err := tx.In(mine.id).Contacts().Delete(ctx, ann.ID); err != nil {
				return err
			}
			_, err := tx.In(mine.id).ContactGroups().Delete(ctx, group.ID)
			return err
		})
		after, err := mine.s.In(mine.id).Subscriptions().Matrix(t.Context())
		require.NoError(t, err)
		assert.Equal(t, map[string]models.Choice{billType: {Bots: []string{}, FellBack: true}, "service.invoice": {FellBack: true}}, after.Choices)
		history, _, err := mine.s.In(mine.id).Subscriptions().Changes(t.Context(), billType, store.Page{})
		require.NoError(t, err)
		assert.Equal(t, []string{"contact.delete", "bot.delete", "subscription.update"}, []string{history[0].Action, history[1].Action, history[2].Action})
	})
}

// TestReadingTargetsTakesAFixedNumberOfQueries is P14.
func TestReadingTargetsTakesAFixedNumberOfQueries(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		statements := func() int64 {
			before := mine.s.Figures().Counts().Statements
			_, err := mine.s.Deliveries().NotificationTargets(t.Context(), mine.id, billType)
			require.NoError(t, err)
			return mine.s.Figures().Counts().Statements - before
		}
		few := statements()
		var contacts, groups []string
		for i := range 20 {
			contacts = append(contacts, mine.reachable(t, fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@mine.example", i)).ID)
			bot := models.Bot{Channel: models.ChannelWebhook, Name: "bot", Settings: map[string]string{}, Enabled: true}
			inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) error { return tx.In(mine.id).Bots().Create(ctx, &bot, nil) })
		}
		for i := range 12 {
			groups = append(groups, mine.group(t, fmt.Sprintf("G%d", i), contacts...).ID)
		}
		for i := range 60 {
			mine.choose(t, fmt.Sprintf("service.t%d", i), func(c *models.Choice) { c.Bots = []string{} })
		}
		mine.choose(t, billType, func(c *models.Choice) { c.Kind, c.Targets = models.TargetGroups, groups })
		assert.Equal(t, few+1, statements(), "20 contacts in 12 groups, 20 bots, 60 types: groups are one query more, however many")
		mine.choose(t, billType, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, contacts })
		assert.Equal(t, few, statements())
		assert.EqualValues(t, 8, few)
	})
}

func TestPreferencesAreChangedForTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		change := func(version int64, limit int) (after models.Preferences, err error) {
			err = mine.s.Write(t.Context(), func(tx *store.Tx) error {
				_, after, err = tx.In(mine.id).Preferences().Update(t.Context(), "ctc_1", version, func(p *models.Preferences) error {
					p.MaxPerHour = limit
					return nil
				})
				return err
			})
			return after, err
		}
		got, err := change(1, 7)
		require.NoError(t, err)
		assert.EqualValues(t, 2, got.Version)
		_, err = change(1, 8)
		assert.Equal(t, models.CodeStale, models.CodeOf(err))
		got, err = change(2, 0)
		require.NoError(t, err)
		assert.Zero(t, got.MaxPerHour, "a zero is stored, too")
		foreign, err := other.s.In(other.id).Preferences().Of(t.Context(), "ctc_1")
		require.NoError(t, err)
		assert.Empty(t, foreign)
	})
}

func TestOptOutsBelongToOneAddressOfOneAccount(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		stands := func(of tenant, want []string, addresses ...string) {
			t.Helper()
			got, err := of.s.In(of.id).OptOuts().List(t.Context(), addresses...)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		say := func(of tenant, addresses, types []string) {
			inTx(t, of.s, func(ctx context.Context, tx *store.Tx) error {
				return tx.In(of.id).OptOuts().Replace(ctx, addresses, types)
			})
		}
		for _, of := range []tenant{mine, other} {
			say(of, []string{"a@x.example", "b@x.example"}, []string{billType, models.Marketing})
		}
		say(mine, []string{"a@x.example"}, []string{models.Marketing, "service.invoice"})
		stands(mine, []string{models.Marketing, "service.invoice"}, "a@x.example")
		stands(mine, []string{models.Marketing, billType, "service.invoice"}, "a@x.example", "b@x.example")
		say(mine, []string{"a@x.example", "b@x.example"}, nil)
		say(mine, nil, []string{billType})
		stands(mine, []string{}, "a@x.example", "b@x.example")
		stands(mine, []string{})
		stands(other, []string{models.Marketing, billType}, "a@x.example")
	})
}

// TestQuotasAreCountedExactly plans at the same time: as many deliveries as the cap allows go out.
func TestQuotasAreCountedExactly(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		const plans, limit = 8, 5
		day := models.Quota{Key: "cap", Limit: limit, EndsAt: mine.s.Now().Add(time.Hour), Reason: models.ReasonCapped}
		hour := models.Quota{Key: "hour", Limit: plans, EndsAt: mine.s.Now().Add(time.Hour), Reason: models.ReasonThrottled}
		plan := func(n models.Notification) error {
			_, err := mine.s.Deliveries().PlanNotification(t.Context(), n.AccountID, n.ID, models.Plan{
				Deliveries: []models.Delivery{
					{Slot: "email:a", Channel: models.ChannelEmail, State: models.DeliveryPending},
					{Slot: "sms:b", Channel: models.ChannelSMS, State: models.DeliveryPending},
				},
				Quotas: map[string][]models.Quota{"email:a": {day, hour}},
			})
			return err
		}
		var wg sync.WaitGroup
		errs := make(chan error, plans)
		var accepted []models.Notification
		for range plans {
			accepted = append(accepted, mine.accept(t, nil))
		}
		for _, n := range accepted {
			wg.Go(func() { errs <- plan(n) })
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		sent, capped := 0, 0
		for _, n := range accepted {
			r, err := mine.s.In(mine.id).Notifications().Report(t.Context(), n.ID)
			require.NoError(t, err)
			for _, d := range r.Deliveries {
				switch {
				case d.Slot == "email:a" && d.State == models.DeliveryPending:
					sent++
				case d.Slot == "email:a" && d.State == models.DeliverySuppressed && d.Reason == models.ReasonCapped:
					capped++
				case d.Slot == "sms:b":
					assert.Equal(t, models.DeliveryPending, d.State, "what has no quota goes out")
				}
			}
		}
		assert.Equal(t, []int{limit, plans - limit}, []int{sent, capped})
		used, err := mine.s.Deliveries().QuotasUsed(t.Context(), mine.id, []string{"cap", "hour", "none"})
		require.NoError(t, err)
		assert.Equal(t, map[string]int{"cap": limit, "hour": limit}, used, "what is capped does not count against the hour")
		used, err = other.s.Deliveries().QuotasUsed(t.Context(), other.id, []string{"cap"})
		require.NoError(t, err)
		assert.Empty(t, used, "another account counts for itself")
	})
}
