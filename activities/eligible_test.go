package activities_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/store"
)

// lockedType goes by e-mail whatever anybody chooses, and to whom the account chooses.
const lockedType = "product.expiry_7"

func proven(channel models.Channel, key string) models.Address {
	return models.Address{Channel: channel, Value: key, ValueKey: key, State: models.AddressVerified}
}

// ofType makes the accepted notification one of the message type.
func ofType(t *testing.T, w *world.World, key string) func(*models.Notification) {
	t.Helper()
	kind, err := w.Store.Catalogue().CurrentMessageType(t.Context(), key)
	require.NoError(t, err)
	return func(n *models.Notification) {
		n.Type, n.TypeVersion, n.Category, n.Severity = kind.Key, kind.Version, kind.Category, kind.Severity
	}
}

// fated is a locked notification on its way to the contacts, each of which was tried in vain.
func fated(t *testing.T, contacts ...models.Contact) (*scene, []models.Contact) {
	t.Helper()
	w := world.New(t)
	email(w)
	var targets []string
	for i, c := range contacts {
		contacts[i] = w.AddContact(c.Name, c.Addresses...)
		targets = append(targets, contacts[i].ID)
	}
	w.Choose(lockedType, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, targets })
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	s.id = w.Accept(ofType(t, w, lockedType)).ID
	busy := true
	w.Sink.Answer(func(context.Context, world.Call) *channels.Error {
		if busy {
			return world.Fail(channels.Retry, "busy")
		}
		return nil
	})
	s.step()
	busy = false
	return s, contacts
}

// step tries everything that is open once, and returns the status after it.
func (s *scene) step() models.NotificationStatus {
	s.t.Helper()
	progress := s.plan()
	for _, open := range progress.Open {
		_, err := s.a.Attempt(s.t.Context(), activities.AttemptInput{AccountID: s.Account, DeliveryID: open.ID})
		require.NoError(s.t, err)
	}
	s.Advance(2 * time.Second)
	return s.plan().Status
}

// end tries until the notification is final.
func (s *scene) end() models.NotificationStatus {
	s.t.Helper()
	for range 10 {
		if status := s.step(); status.Final() {
			return status
		}
	}
	s.t.Fatal("the notification never ends")
	return ""
}

func (s *scene) disable(id string) {
	s.t.Helper()
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.Account).Contacts().Update(ctx, id, 0, func(c *models.Contact) error { c.Enabled = false; return nil })
		return err
	})
}

func (s *scene) remove(id string) {
	s.t.Helper()
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(s.Account).Contacts().Delete(ctx, id)
		return err
	})
}

// fates are what became of the deliveries over e-mail, by recipient.
func (s *scene) fates() map[string]string {
	fates := map[string]string{}
	for _, d := range s.Report(s.id).Deliveries {
		if d.Channel == models.ChannelEmail {
			fates[d.Recipient] = string(d.State) + " " + d.Reason
		}
	}
	return fates
}

func TestWhoIsGoneBetweenTwoAttemptsGetsNothingAndTheFloorFalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*scene, []models.Contact)
		want   string
	}{
		"disabled": {func(s *scene, c []models.Contact) { s.disable(c[0].ID) }, "cancelled " + models.ReasonDisabled},
		"deleted":  {func(s *scene, c []models.Contact) { s.remove(c[0].ID) }, "cancelled " + models.ReasonDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, contacts := fated(t, models.Contact{Name: "Ann", Addresses: []models.Address{proven(models.ChannelEmail, "ann@acme.example")}})
			c.change(s, contacts)
			s.end()
			account := s.AccountContact()
			assert.Equal(t, map[string]string{"Ann": c.want, account.Name: "delivered "}, s.fates())
			calls := s.Sink.Calls("")
			require.Len(t, calls, 2)
			assert.Equal(t, []string{"ann@acme.example", account.Addresses[0].ValueKey}, []string{calls[0].Message.To, calls[1].Message.To})
		})
	}
}

func TestAFloorThatSomebodyElseHasDoesNotFall(t *testing.T) {
	t.Parallel()
	s, contacts := fated(t, models.Contact{Name: "Ann", Addresses: []models.Address{proven(models.ChannelEmail, "ann@acme.example")}},
		models.Contact{Name: "Bob", Addresses: []models.Address{proven(models.ChannelEmail, "bob@acme.example")}})
	s.disable(contacts[0].ID)
	s.end()
	assert.Equal(t, map[string]string{"Ann": "cancelled " + models.ReasonDisabled, "Bob": "delivered "}, s.fates())
}

func TestTheLastOfTwoWhoAreGoneLeavesTheFloorToTheAccount(t *testing.T) {
	t.Parallel()
	s, contacts := fated(t, models.Contact{Name: "Ann", Addresses: []models.Address{proven(models.ChannelEmail, "ann@acme.example")}},
		models.Contact{Name: "Bob", Addresses: []models.Address{proven(models.ChannelEmail, "bob@acme.example")}})
	s.disable(contacts[0].ID)
	s.remove(contacts[1].ID)
	s.end()
	assert.Equal(t, "delivered ", s.fates()[s.AccountContact().Name])
	assert.Len(t, s.Sink.Calls(""), 3, "two in vain, then the account, once")
}

func TestWhoSharesTheAddressTakesOver(t *testing.T) {
	t.Parallel()
	shared := []models.Address{proven(models.ChannelEmail, "ops@acme.example")}
	s, contacts := fated(t, models.Contact{Name: "Ann", Addresses: shared}, models.Contact{Name: "Bob", Addresses: slices.Clone(shared)})
	s.disable(contacts[0].ID)
	assert.Equal(t, models.StatusDelivered, s.end())
	calls := s.Sink.Calls("")
	require.Len(t, calls, 2)
	assert.Equal(t, "ops@acme.example", calls[1].Message.To)
	assert.Equal(t, calls[0].Message.Key, calls[1].Message.Key, "to the provider it is the same message")
	assert.NotContains(t, s.fates(), s.AccountContact().Name)
}

// TestAnAddressThatDoesNotExistLeavesTheFloorToTheAccount: the provider says so, and the
// next notification would go to the account contact; so does this one.
func TestAnAddressThatDoesNotExistLeavesTheFloorToTheAccount(t *testing.T) {
	t.Parallel()
	s, _ := fated(t, models.Contact{Name: "Ann", Addresses: []models.Address{proven(models.ChannelEmail, "ann@acme.example")}})
	s.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Permanent, models.ReasonRecipientInvalid)))
	s.end()
	assert.Equal(t, map[string]string{"Ann": "failed " + models.ReasonRecipientInvalid, s.AccountContact().Name: "delivered "}, s.fates())
}

// TestWhatTheAccountSwitchesOffStopsWhatIsHeld: the question is the one of planning, all of it.
func TestWhatTheAccountSwitchesOffStopsWhatIsHeld(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world.World)
		want   string
	}{
		"nothing":  {func(*world.World) {}, "delivered "},
		"the cell": {func(w *world.World) { w.Choose(world.Type, func(c *models.Choice) { c.Channels = []models.Channel{} }) }, "suppressed " + models.ReasonNotTicked},
		"texts with words": {func(w *world.World) {
			w.Prefer(w.AccountContact().ID, func(p *models.Preferences) { p.DenyWords = []string{"a"} })
		}, "suppressed " + models.ReasonFiltered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, a := nightly(t)
			w.Advance(time.Minute)
			n := w.Accept(lives(t, w))
			plan(t, w, a, n)
			c.change(w)
			w.SetClock(evening)
			tryMail(t, w, a, n)
			d, _ := w.Delivery(n.ID, models.ChannelEmail)
			assert.Equal(t, c.want, string(d.State)+" "+d.Reason)
		})
	}
}

// TestWhatIsDeliveredIsWhatWouldBePlannedNow: random accounts; everybody is tried in vain,
// then contacts are disabled and deleted. Each locked channel reaches exactly whom routing
// names then, and so does every other one as long as one of the targets is there.
func TestWhatIsDeliveredIsWhatWouldBePlannedNow(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	email(w)
	w.AddProvider(models.ChannelSMS, "sms")
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	r := rand.New(rand.NewPCG(20261130, 12))
	fell := 0
	for i := range 150 {
		if s.random(r, i) {
			fell++
		}
		if t.Failed() {
			return
		}
	}
	assert.Greater(t, fell, 10, "the test shows less than it says")
}

// random brings a random account's notification to its end, and reports whether a floor fell.
func (s *scene) random(r *rand.Rand, i int) bool {
	s.t.Helper()
	some := func(n int) bool { return r.IntN(n) == 0 }
	s.randomAccount(r, i)
	contacts := s.randomContacts(r)
	key := []string{"account.low_balance", "account.balance_warning", world.Type, lockedType}[r.IntN(4)]
	chosen := randomChoice(r, contacts)
	s.Choose(key, func(c *models.Choice) { *c = chosen })
	s.id = s.Accept(ofType(s.t, s.World, key)).ID
	s.Sink.Answer(func(context.Context, world.Call) *channels.Error { return world.Fail(channels.Retry, "busy") })
	s.step()
	for _, id := range contacts {
		switch {
		case some(3):
			s.disable(id)
		case some(3):
			s.remove(id)
		}
	}
	before := len(s.Sink.Calls(""))
	s.Sink.Answer(func(context.Context, world.Call) *channels.Error { return nil })
	s.end()
	var got []string
	for _, call := range s.Sink.Calls("")[before:] {
		got = append(got, string(call.Channel)+" "+call.Message.To)
	}
	return s.compare(key, chosen, got)
}

// compare compares what was sent after the change with what planning would say then, and
// reports whether a floor fell. Where the last target was deleted, only floors fall: the
// account contact was not told of the rest when it was planned.
func (s *scene) compare(key string, chosen models.Choice, got []string) (fell bool) {
	s.t.Helper()
	kind, err := s.Store.Catalogue().CurrentMessageType(s.t.Context(), key)
	require.NoError(s.t, err)
	in := routing.Input{Type: kind, Severity: kind.Severity, Now: s.Now(), InboxWritten: true}
	in.Targets, err = s.Store.Deliveries().NotificationTargets(s.t.Context(), s.Account, key)
	require.NoError(s.t, err)
	var want []string
	for _, d := range routing.Plan(in).Deliveries {
		if !d.State.Final() && (d.Locked || kind.Strict || !in.Choice.FellBack) {
			want = append(want, string(d.Channel)+" "+d.AddressKey)
			fell = fell || d.ContactID == in.AccountContact.ID && chosen.Kind == models.TargetContacts && !kind.Strict
		}
	}
	assert.ElementsMatch(s.t, want, got, "%s of %s: %+v", key, s.Account, s.Report(s.id).Deliveries)
	return fell
}

func (s *scene) randomAccount(r *rand.Rand, i int) {
	s.t.Helper()
	in := store.NewAccount{
		Account: models.Account{Alias: fmt.Sprintf("random-%d", i), Language: models.LocaleEN, TimeZone: "UTC", Enabled: true},
		Root:    models.User{Name: "root", Enabled: true},
		Contact: models.Contact{Kind: models.ContactAccount, Name: "Account", Enabled: true, Addresses: []models.Address{proven(models.ChannelEmail, []string{"a", "account"}[r.IntN(2)]+"@acme.example")}},
	}
	if r.IntN(2) == 0 {
		in.Contact.Addresses = append(in.Contact.Addresses, proven(models.ChannelSMS, "+8613800138009"))
	}
	s.Write(func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Accounts().Create(ctx, &in) })
	s.Account = in.Account.ID
}

func (s *scene) randomContacts(r *rand.Rand) (ids []string) {
	for c := range r.IntN(4) {
		addresses := []models.Address{proven(models.ChannelEmail, []string{"a", "b", "c"}[r.IntN(3)]+"@acme.example")}
		if r.IntN(2) == 0 {
			addresses = append(addresses, proven(models.ChannelSMS, []string{"+8613800138000", "+8613800138001"}[r.IntN(2)]))
		}
		ids = append(ids, s.AddContact(fmt.Sprintf("C%d", c), addresses...).ID)
	}
	return ids
}

func randomChoice(r *rand.Rand, contacts []string) models.Choice {
	var c models.Choice
	for _, id := range contacts {
		if r.IntN(3) > 0 {
			c.Kind, c.Targets = models.TargetContacts, append(c.Targets, id)
		}
	}
	return c
}
