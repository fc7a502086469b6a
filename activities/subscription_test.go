package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func verified(mail string) models.Address {
	return models.Address{Channel: models.ChannelEmail, Value: mail, ValueKey: mail, State: models.AddressVerified}
}

// warning is no critical notification: those know no bounds.
func warning(n *models.Notification) { n.Severity = models.SeverityWarning }

// fates are the state and reason of each delivery of the channel, by recipient.
func fates(w *world.World, id string, channel models.Channel) map[string]string {
	got := map[string]string{}
	for _, d := range w.Report(id).Deliveries {
		if d.Channel == channel {
			got[d.Recipient] = string(d.State) + " " + d.Reason
		}
	}
	return got
}

func plan(t *testing.T, w *world.World, a *activities.Activities, n models.Notification) activities.Progress {
	t.Helper()
	s, err := a.Plan(t.Context(), activities.NotificationRef{AccountID: w.Account, NotificationID: n.ID})
	require.NoError(t, err)
	return s
}

func TestACapOfFiveDeliversFiveOfEight(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	w.AddProvider(models.ChannelEmail, "relay")
	w.Choose(world.Type, func(c *models.Choice) { c.Caps = map[models.Channel]int{models.ChannelEmail: 5} })
	a := w.Activities(world.Config())
	got := map[string]int{}
	for range 8 {
		n := w.Accept(warning)
		plan(t, w, a, n)
		d, _ := w.Delivery(n.ID, models.ChannelEmail)
		got[string(d.State)+" "+d.Reason]++
		inbox, _ := w.Delivery(n.ID, models.ChannelInbox)
		assert.Equal(t, models.DeliveryDelivered, inbox.State, "the inbox has all of them")
	}
	assert.Equal(t, map[string]int{"pending ": 5, "suppressed capped": 3}, got)
	w.Advance(12 * time.Hour) // the next day in the account's zone
	n := w.Accept(warning)
	plan(t, w, a, n)
	d, _ := w.Delivery(n.ID, models.ChannelEmail)
	assert.Equal(t, models.DeliveryPending, d.State, "the next day counts anew")
}

func TestARecipientsBoundIsForTheHour(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	w.AddProvider(models.ChannelEmail, "relay")
	ann, bob := w.AddContact("Ann", verified("ann@acme.example")), w.AddContact("Bob", verified("bob@acme.example"))
	w.Choose(world.Type, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, []string{ann.ID, bob.ID} })
	w.Prefer(ann.ID, func(p *models.Preferences) { p.MaxPerHour = 1 })
	a := w.Activities(world.Config())
	for _, want := range []string{"pending ", "suppressed throttled"} {
		n := w.Accept(warning)
		plan(t, w, a, n)
		got := fates(w, n.ID, models.ChannelEmail)
		assert.Equal(t, want, got["Ann"])
		assert.Equal(t, "pending ", got["Bob"])
	}
	w.Advance(time.Hour)
	n := w.Accept(warning)
	plan(t, w, a, n)
	assert.Equal(t, "pending ", fates(w, n.ID, models.ChannelEmail)["Ann"])
}

func TestQuietHoursHoldAndLoseNothing(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	w.AddProvider(models.ChannelEmail, "relay")
	ann, bob := w.AddContact("Ann", verified("ann@acme.example")), w.AddContact("Bob", verified("bob@acme.example"))
	w.Choose(world.Type, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, []string{ann.ID, bob.ID} })
	w.Prefer(ann.ID, func(p *models.Preferences) { p.QuietFrom, p.QuietTo, p.QuietZone = "11:00", "20:00", "UTC" })
	a := w.Activities(world.Config())
	kind, err := w.Store.Catalogue().CurrentMessageType(t.Context(), world.Type)
	require.NoError(t, err)
	deadline := time.Duration(kind.DeadlineSeconds) * time.Second
	n := w.Accept(func(n *models.Notification) { n.Severity, n.ExpiresAt = models.SeverityWarning, w.Now().Add(deadline) })
	s := plan(t, w, a, n)
	require.Len(t, s.Open, 2)
	assert.Equal(t, map[string]string{"Ann": "pending quiet_hours", "Bob": "pending "}, fates(w, n.ID, models.ChannelEmail))
	evening := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	assert.Equal(t, evening, s.Open[0].NextAt)
	assert.Equal(t, evening.Add(deadline), w.Report(n.ID).Notification.ExpiresAt, "its life is longer by as much")

	in := activities.AttemptInput{AccountID: w.Account, DeliveryID: s.Open[0].ID}
	early, err := a.Attempt(t.Context(), in)
	require.NoError(t, err)
	assert.False(t, early.Done)
	assert.Equal(t, evening, early.NextAt, "whoever looks before waits on")
	w.Advance(8 * time.Hour)
	late, err := a.Attempt(t.Context(), in)
	require.NoError(t, err)
	assert.True(t, late.Done)
	assert.Equal(t, "delivered ", fates(w, n.ID, models.ChannelEmail)["Ann"])
}

func TestWordsAreLookedForInTheRecipientsLanguage(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	w.AddProvider(models.ChannelEmail, "relay")
	ann, bob := w.AddContact("Ann", verified("ann@acme.example")), w.AddContact("Bob", verified("bob@acme.example"))
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(w.Account).Contacts().Update(ctx, bob.ID, 0, func(c *models.Contact) error {
			c.Language = models.LocaleZH
			return nil
		})
		return err
	})
	w.Choose(world.Type, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, []string{ann.ID, bob.ID} })
	for _, id := range []string{ann.ID, bob.ID} {
		w.Prefer(id, func(p *models.Preferences) { p.DenyWords = []string{"告警"} })
	}
	n := w.Accept(warning)
	plan(t, w, w.Activities(world.Config()), n)
	assert.Equal(t, map[string]string{"Ann": "pending ", "Bob": "suppressed filtered"}, fates(w, n.ID, models.ChannelEmail))
}
