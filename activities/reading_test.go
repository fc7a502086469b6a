package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// reader gives the world a user, whose contact gets what is of world.Type in a digest.
func (g *gatherings) reader(name string) models.Contact {
	g.t.Helper()
	u := models.User{Name: name, Kind: models.UserSub, Enabled: true}
	c := models.Contact{Kind: models.ContactPerson, Name: name, Enabled: true, Addresses: []models.Address{{
		Channel: models.ChannelEmail, Value: name + "@acme.example", ValueKey: name + "@acme.example", State: models.AddressVerified,
	}}}
	g.Write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.In(g.Account).Users().Create(ctx, &u); err != nil {
			return err
		}
		c.UserID = u.ID
		return tx.In(g.Account).Contacts().Create(ctx, &c)
	})
	g.Prefer(c.ID, func(p *models.Preferences) { p.Digests = []models.Digest{{Type: world.Type, WindowMinutes: 10}} })
	g.Choose(world.Type, func(c2 *models.Choice) { c2.Kind, c2.Targets = models.TargetContacts, append(c2.Targets, c.ID) })
	g.Advance(2 * time.Minute)
	return c
}

// reads marks the notifications' messages in the contact's own inbox.
func (g *gatherings) reads(c models.Contact, some ...models.Notification) {
	g.t.Helper()
	g.Write(func(ctx context.Context, tx *store.Tx) error {
		inbox := tx.In(g.Account).Inbox(c.UserID)
		for _, n := range some {
			messages, _, err := inbox.Messages(ctx, models.InboxFilter{NotificationID: n.ID}, store.Page{Limit: 2})
			if err != nil {
				return err
			}
			if _, _, err := inbox.Mark(ctx, []string{messages[0].ID}, store.Reader{ID: c.UserID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// of is the notification's mail to the contact.
func (g *gatherings) of(c models.Contact, n models.Notification) models.Delivery {
	g.t.Helper()
	for _, d := range g.Report(n.ID).Deliveries {
		if d.ContactID == c.ID && d.Channel == models.ChannelEmail {
			return d
		}
	}
	g.t.Fatalf("%s has no mail to %s", n.ID, c.Name)
	return models.Delivery{}
}

// TestWhatWasReadIsLeftOutOfTheReadersDigestOnly, of its text and of its limits.
func TestWhatWasReadIsLeftOutOfTheReadersDigestOnly(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	ada, bob := g.reader("ada"), g.reader("bob")
	g.Prefer(ada.ID, func(p *models.Preferences) { p.MaxPerHour = 1 })
	read, unread := g.submit(nil), g.submit(nil)
	g.reads(ada, read)
	assert.Equal(t, models.DeliveryPending, g.of(ada, read).State, "until it closes")
	g.Advance(10 * time.Minute)
	g.finish(g.of(ada, unread).EnvelopeID)
	calls := g.Sink.Calls("")
	require.Len(t, calls, 1)
	assert.NotContains(t, calls[0].Message.Rendered.Text, "alert 000")
	assert.Contains(t, calls[0].Message.Rendered.Text, "alert 001")
	assert.Equal(t, models.DeliverySuppressed, g.of(ada, read).State)
	assert.Equal(t, models.ReasonRead, g.of(ada, read).Reason)
	assert.Equal(t, models.DeliveryDelivered, g.of(ada, unread).State, "the one message of the hour")

	g.finish(g.of(bob, unread).EnvelopeID)
	calls = g.Sink.Calls("")
	require.Len(t, calls, 2)
	assert.Contains(t, calls[1].Message.Rendered.Text, "alert 000")
	assert.Equal(t, models.StatusDelivered, g.Report(read.ID).Notification.Status)
}

func TestADigestOfWhatWasAllReadDoesNotLeave(t *testing.T) {
	t.Parallel()
	g := newGatherings(t, nil)
	ada := g.reader("ada")
	g.Prefer(ada.ID, func(p *models.Preferences) { p.MaxPerHour = 1 })
	first, second := g.submit(nil), g.submit(nil)
	id := g.of(ada, first).EnvelopeID
	g.reads(ada, first, second)
	g.finish(id)
	assert.Empty(t, g.Sink.Calls(""))
	assert.Equal(t, models.EnvelopeCancelled, g.Report(first.ID).Envelopes[id].State)
	for _, n := range g.all {
		assert.Equal(t, models.ReasonRead, g.of(ada, n).Reason)
		assert.Equal(t, models.StatusDelivered, g.Report(n.ID).Notification.Status, "the inbox has it")
	}
	next := g.submit(nil)
	assert.NotEqual(t, id, g.of(ada, next).EnvelopeID)
	g.finish(g.of(ada, next).EnvelopeID)
	assert.Len(t, g.Sink.Calls(""), 1, "nothing was counted against the hour")
}
