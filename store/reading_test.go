package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// subscriber is a user with a contact, who wants all in a digest.
type subscriber struct {
	tenant
	user    string
	contact models.Contact
}

// subscribes makes one; the contact is nobody's when user is "".
func (n tenant) subscribes(t *testing.T, user string) subscriber {
	t.Helper()
	s := subscriber{tenant: n, user: user, contact: models.Contact{Kind: models.ContactPerson, Name: "ada", UserID: user, Enabled: true}}
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error { return tx.In(n.id).Contacts().Create(ctx, &s.contact) })
	n.now.advance(2 * time.Minute)
	return s
}

// gets accepts a notification that waits in the subscriber's digest, and in a bot's, and
// stands in the own inbox, unless changed.
func (s subscriber) gets(t *testing.T, change func(*models.Plan)) models.Notification {
	t.Helper()
	n := s.accept(t, nil)
	p := s.gathered(s.now.Now())
	p.Deliveries[0].ContactID = s.contact.ID
	if s.user != "" {
		p.Deliveries = append(p.Deliveries, models.Delivery{Slot: "inbox:" + s.contact.ID, Channel: models.ChannelInbox, ContactID: s.contact.ID, State: models.DeliveryDelivered})
		p.Messages = append(p.Messages, models.MessageOf(n, s.user, models.Rendered{Title: "t", Body: "b"}))
	}
	if change != nil {
		change(&p)
	}
	_, err := s.s.Deliveries().PlanNotification(context.WithoutCancel(t.Context()), s.id, n.ID, p)
	require.NoError(t, err)
	return n
}

// in is the id of the notification's message in the inbox.
func (s subscriber) in(t *testing.T, owner string, n models.Notification) string {
	t.Helper()
	all, _, err := s.s.In(s.id).Inbox(owner).Messages(t.Context(), models.InboxFilter{NotificationID: n.ID}, store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0].ID
}

// inInbox does something in an inbox.
func (s subscriber) inInbox(t *testing.T, owner string, do func(context.Context, store.TxInbox) error) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	assert.NoError(t, s.s.Write(ctx, func(tx *store.Tx) error { return do(ctx, tx.In(s.id).Inbox(owner)) }))
}

func (s subscriber) reads(t *testing.T, owner, who string, n models.Notification) {
	t.Helper()
	id := s.in(t, owner, n)
	s.inInbox(t, owner, func(ctx context.Context, b store.TxInbox) error {
		_, _, err := b.Mark(ctx, []string{id}, store.Reader{ID: who, Name: who})
		return err
	})
}

func (s subscriber) relink(t *testing.T, user string) {
	t.Helper()
	inTx(t, s.s, func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.In(s.id).Contacts().Update(ctx, s.contact.ID, 0, func(c *models.Contact) error { c.UserID = user; return nil })
		return err
	})
}

const ada, bob = "usr_ada", "usr_bob"

// TestWhatItsReaderHasReadLeavesTheDigest: the user whose contact it is, in whatever way and
// inbox, and nobody else.
func TestWhatItsReaderHasReadLeavesTheDigest(t *testing.T) {
	t.Parallel()
	all := func(owner string, do func(context.Context, store.TxInbox) (store.Swept, error)) func(*testing.T, subscriber, models.Notification) {
		return func(t *testing.T, s subscriber, _ models.Notification) {
			s.inInbox(t, owner, func(ctx context.Context, b store.TxInbox) error { _, err := do(ctx, b); return err })
		}
	}
	cases := map[string]struct {
		user   string
		change func(*models.Plan)
		before func(*testing.T, subscriber, models.Notification)
		leaves bool
	}{
		"unread":                {user: ada, before: func(*testing.T, subscriber, models.Notification) {}},
		"read in the own inbox": {user: ada, leaves: true, before: func(t *testing.T, s subscriber, n models.Notification) { s.reads(t, ada, ada, n) }},
		"all marked in the own inbox": {user: ada, leaves: true, before: all(ada, func(ctx context.Context, b store.TxInbox) (store.Swept, error) {
			return b.MarkAll(ctx, models.InboxFilter{}, 100, store.Reader{ID: ada})
		})},
		"deleted from the own inbox": {user: ada, leaves: true, before: func(t *testing.T, s subscriber, n models.Notification) {
			id := s.in(t, ada, n)
			s.inInbox(t, ada, func(ctx context.Context, b store.TxInbox) error { _, err := b.Delete(ctx, []string{id}); return err })
		}},
		"all deleted from the own inbox": {user: ada, leaves: true, before: all(ada, func(ctx context.Context, b store.TxInbox) (store.Swept, error) {
			return b.DeleteAll(ctx, models.InboxFilter{}, 100)
		})},
		"read in the account's inbox": {user: ada, leaves: true, before: func(t *testing.T, s subscriber, n models.Notification) { s.reads(t, "", ada, n) }},
		"all marked in the account's inbox": {user: ada, leaves: true, before: all("", func(ctx context.Context, b store.TxInbox) (store.Swept, error) {
			return b.MarkAll(ctx, models.InboxFilter{}, 100, store.Reader{ID: ada})
		})},
		"read by somebody else in the account's inbox": {user: ada, before: func(t *testing.T, s subscriber, n models.Notification) { s.reads(t, "", bob, n) }},
		"deleted from the account's inbox": {user: ada, before: all("", func(ctx context.Context, b store.TxInbox) (store.Swept, error) {
			return b.DeleteAll(ctx, models.InboxFilter{}, 100)
		})},
		"the contact is nobody's": {user: "", before: func(t *testing.T, s subscriber, n models.Notification) { s.reads(t, "", ada, n) }},
		"the address is somebody else's, too": {
			user: ada, before: func(t *testing.T, s subscriber, n models.Notification) { s.reads(t, ada, ada, n) },
			change: func(p *models.Plan) {
				p.Deliveries = append(p.Deliveries, models.Delivery{
					Slot: "email:bob", Channel: models.ChannelEmail, ContactID: "ctc_bob", AddressKey: "x@example.com", State: models.DeliverySuppressed, Reason: models.ReasonDuplicate,
				})
			},
		},
		"another address of another recipient": {
			user: ada, leaves: true, before: func(t *testing.T, s subscriber, n models.Notification) { s.reads(t, ada, ada, n) },
			change: func(p *models.Plan) {
				p.Deliveries = append(p.Deliveries, models.Delivery{
					Slot: "email:bob", Channel: models.ChannelEmail, ContactID: "ctc_bob", AddressKey: "y@example.com", State: models.DeliverySuppressed, Reason: models.ReasonDuplicate,
				})
			},
		},
		"the contact became another user's, whose inbox never had it": {user: ada, before: func(t *testing.T, s subscriber, _ models.Notification) {
			s.relink(t, bob)
		}},
		"its own inbox was not addressed": {user: ada, before: func(*testing.T, subscriber, models.Notification) {}, change: func(p *models.Plan) {
			p.Deliveries, p.Messages = p.Deliveries[:2], nil
		}},
	}
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for name, c := range cases {
			s := mine.subscribes(t, c.user)
			n := s.gets(t, c.change)
			kept := s.gets(t, nil)
			if strings.HasPrefix(name, "all ") {
				kept = models.Notification{}
			}
			c.before(t, s, n)
			d := s.closeEnvelope(t, s.mail(t, n.ID).EnvelopeID)
			got := s.mail(t, n.ID)
			if c.leaves {
				assert.Equal(t, models.DeliverySuppressed, got.State, name)
				assert.Equal(t, models.ReasonRead, got.Reason, name)
				assert.NotNil(t, got.FinishedAt, name)
				assert.Equal(t, models.EnvelopeOpen, d.Envelope.State, "%s: the rest is looked at again", name)
				d = s.closeEnvelope(t, d.Envelope.ID)
			} else {
				assert.Equal(t, models.DeliveryPending, got.State, name)
			}
			if kept.ID != "" {
				assert.Equal(t, models.EnvelopeClosed, d.Envelope.State, name)
				assert.Contains(t, idsOf(d.With), s.mail(t, kept.ID).ID, name)
			}
			for _, each := range s.report(t, n.ID).Deliveries {
				if each.BotID != "" {
					bot := s.closeEnvelope(t, each.EnvelopeID)
					assert.Equal(t, models.EnvelopeClosed, bot.Envelope.State, "%s: nobody reads for a bot", name)
					assert.Contains(t, idsOf(bot.With), each.ID, name)
					require.True(t, s.send(t, bot))
				}
			}
			if len(d.With) > 0 {
				require.True(t, s.send(t, d))
			}
			s.relink(t, "") // the next one's
			mine.now.advance(time.Hour)
		}
	})
}

// TestAReaderAndADigestAgreeOnWhoWasFirst: read and not sent, or sent; each once, and nothing
// is left over.
func TestAReaderAndADigestAgreeOnWhoWasFirst(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		s := mine.subscribes(t, ada)
		for range 10 {
			all := []models.Notification{s.gets(t, nil), s.gets(t, nil), s.gets(t, nil)}
			envelope := s.mail(t, all[0].ID).EnvelopeID
			s.reads(t, ada, ada, all[0])
			message, doomed := s.in(t, ada, all[1]), s.in(t, ada, all[2])
			var both sync.WaitGroup
			both.Go(func() {
				s.inInbox(t, ada, func(ctx context.Context, b store.TxInbox) error {
					_, _, err := b.Mark(ctx, []string{message}, store.Reader{ID: ada})
					return err
				})
			})
			both.Go(func() {
				s.inInbox(t, ada, func(ctx context.Context, b store.TxInbox) error {
					_, err := b.Delete(ctx, []string{doomed})
					return err
				})
			})
			listed := map[string]bool{}
			both.Go(func() {
				d := s.closeEnvelope(t, envelope)
				for d.Envelope.State == models.EnvelopeOpen && len(d.With) > 0 {
					d = s.closeEnvelope(t, envelope)
				}
				for _, p := range d.With {
					listed[p.Notification.ID] = true
				}
				if len(d.With) > 0 {
					assert.True(t, s.send(t, d))
				}
			})
			both.Wait()
			assert.False(t, listed[all[0].ID], "it was read before")
			for _, n := range all {
				state, reason := s.mail(t, n.ID).State, s.mail(t, n.ID).Reason
				if listed[n.ID] {
					assert.Equal(t, models.DeliveryDelivered, state)
				} else {
					assert.Equal(t, models.DeliverySuppressed, state)
					assert.Equal(t, models.ReasonRead, reason)
				}
			}
		}
	})
}

// TestReadingCostsNoStatementForDigests: what was read is asked when a digest closes, once,
// and only for who can have read it.
func TestReadingCostsNoStatementForDigests(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		s := mine.subscribes(t, ada)
		first, second := s.gets(t, nil), s.gets(t, nil)
		stop := store.Record(t, s.s)
		s.reads(t, ada, ada, first)
		s.inInbox(t, ada, func(ctx context.Context, b store.TxInbox) error {
			_, err := b.MarkAll(ctx, models.InboxFilter{}, 100, store.Reader{ID: ada})
			return err
		})
		s.inInbox(t, ada, func(ctx context.Context, b store.TxInbox) error {
			_, err := b.DeleteAll(ctx, models.InboxFilter{}, 100)
			return err
		})
		for _, statement := range stop() {
			assert.NotContains(t, statement, "envelopes")
			assert.NotContains(t, statement, "deliveries")
			assert.NotContains(t, statement, "contacts")
		}
		bots := ""
		for _, d := range s.report(t, second.ID).Deliveries {
			if d.BotID != "" {
				bots = d.EnvelopeID
			}
		}
		for envelope, want := range map[string]int{bots: 0, s.mail(t, second.ID).EnvelopeID: 1} {
			d := s.dispatchEnvelope(t, envelope)
			store.Analyze(t, s.s, "messages, deliveries, contacts")
			stop = store.Record(t, s.s)
			_, err := s.s.Deliveries().CloseEnvelope(t.Context(), *d.Envelope, d.With, nil)
			require.NoError(t, err)
			asked := map[string]int{}
			for _, statement := range stop() {
				for _, table := range []string{"messages", "contacts"} {
					if strings.HasPrefix(statement, "SELECT") && strings.Contains(statement, "FROM `"+table+"`") {
						asked[table]++
						store.WantIndex(t, s.s, statement)
					}
				}
			}
			assert.Equal(t, map[string]int{"messages": want, "contacts": want}, map[string]int{"messages": asked["messages"], "contacts": asked["contacts"]})
		}
	})
}
