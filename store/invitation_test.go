package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// invitee is a contact with one address that waits for its proof.
type invitee struct {
	tenant
	contact models.Contact
	address models.Address
}

// rules are small enough to be reached.
func rules() models.InvitationRules {
	return models.InvitationRules{
		PerAddress: 3, PerAccount: 6, PerCountry: 4, SMSPerDay: 4, Kinds: models.AddressKinds{models.ChannelSMS: {Metered: true}},
	}.WithDefaults()
}

func (n tenant) invite(t *testing.T, channel models.Channel, key string) invitee {
	t.Helper()
	c := models.Contact{
		Kind: models.ContactPerson, Name: "Ada", Enabled: true,
		Addresses: []models.Address{{Channel: channel, Value: key, ValueKey: key, State: models.AddressPending}},
	}
	inTx(t, n.s, func(ctx context.Context, tx *store.Tx) error {
		copied := c
		copied.Addresses = append([]models.Address{}, c.Addresses...)
		err := tx.In(n.id).Contacts().Create(ctx, &copied)
		c = copied
		return err
	})
	return invitee{tenant: n, contact: c, address: c.Addresses[0]}
}

func (v invitee) now(t *testing.T) (models.Address, models.Invitation) {
	t.Helper()
	a, i, err := v.s.In(v.id).Invitations().InvitedAddress(t.Context(), v.contact.ID, v.address.ID)
	require.NoError(t, err)
	return a, i
}

// message is the next message of the invitation, as its workflow makes it.
func (v invitee) message(t *testing.T, reminders int) models.InvitationMessage {
	t.Helper()
	_, i := v.now(t)
	at, r := v.tenant.now.Now(), rules()
	m := models.InvitationMessage{
		InvitationID: i.ID, Reminders: reminders, CodeExpiresAt: at.Add(r.LifeOfCode(i.Channel)), LinkExpiresAt: at.Add(r.LinkLife),
		NextAt:       at.Add(24 * time.Hour),
		Notification: models.Notification{Type: "account.contact_verification", TypeVersion: 1, ExpiresAt: at.Add(time.Hour), Language: models.LocaleEN},
		Budgets:      r.RoundBudgets(v.id, i.Channel, i.AddressKey),
	}
	if i.Channel == models.ChannelSMS {
		m.Cap, m.Alarm = r.SMSBudget(), models.Acceptance{Notification: models.Notification{
			AccountID: v.id, Type: "exception.invitation_sms_cap", Source: models.SourcePlatform, ExternalID: "cap/" + at.Format(time.DateOnly), ExpiresAt: at.Add(time.Hour),
		}}
	}
	return m
}

// send has the first message of a round made, and returns what it carries.
func (v invitee) send(t *testing.T) models.Letter {
	t.Helper()
	m := v.message(t, 0)
	require.NoError(t, v.s.Proofs().SendInvitation(t.Context(), v.id, m))
	letter, err := v.s.Letter(t.Context(), v.id, m.InvitationID)
	require.NoError(t, err)
	return letter
}

func (v invitee) resend(t *testing.T) error {
	t.Helper()
	return v.s.Write(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Inviting().Resend(t.Context(), v.id, v.contact.ID, v.address.ID, rules())
		return err
	})
}

func (v invitee) guess(t *testing.T, code string) error {
	t.Helper()
	_, i := v.now(t)
	i, err := v.s.Proofs().CountGuess(t.Context(), v.id, i.ID, rules().Tries)
	if err != nil {
		return err
	}
	if !v.s.Proofs().GuessFits(i, code) {
		return models.Invalid("#/code", "wrong-code", "")
	}
	return v.confirm(t.Context(), i)
}

func (v invitee) confirm(ctx context.Context, proof models.Invitation) error {
	return v.s.Write(ctx, func(tx *store.Tx) error {
		_, _, err := tx.In(v.id).Invitations().Confirm(ctx, proof)
		return err
	})
}

// follow shows the link.
func (v invitee) follow(t *testing.T, token string) error {
	t.Helper()
	p, err := v.s.Proofs().LinkedInvitation(t.Context(), token)
	if err != nil {
		return err
	}
	if p.Replaced {
		return models.Errorf(models.CodeExpired, "replaced")
	}
	return v.confirm(t.Context(), p.Invitation)
}

// wrong is a code that is not the letter's.
func wrong(l models.Letter) string {
	if l.Code == "000000" {
		return "000001"
	}
	return "000000"
}

func (v invitee) woken(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, w := range claimWakeups(t, v.tenant) {
		ids = append(ids, w.EntityID)
		require.NoError(t, v.s.Wakeups().ReleaseWakeups(t.Context(), []models.Wakeup{w}, time.Minute))
	}
	return ids
}

func expire(t *testing.T, n tenant) []models.Unproven {
	t.Helper()
	var told []models.Unproven
	err := n.s.Proofs().ExpireInvitations(t.Context(), n.id, func(list []models.Unproven) (models.Acceptance, error) {
		told = list
		return n.draft(nil), nil
	})
	require.NoError(t, err)
	return told
}

func TestOnlyPendingAddressesAreInvited(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		v := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		a, i := v.now(t)
		assert.Equal(t, models.AddressPending, a.State)
		assert.True(t, i.Waits())
		assert.Equal(t, []string{i.ID}, v.woken(t), "its workflow is asked for by the same transaction, and no other")
		_, _, err := mine.s.In(other.id).Invitations().InvitedAddress(t.Context(), v.contact.ID, v.address.ID)
		wantCode(t, err, models.CodeNotFound)
	})
}

func TestALinkProvesItsAddressOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		v := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		letter := v.send(t)
		assert.Len(t, letter.Token, 43, "256 bits")
		assert.Regexp(t, "^[0-9]{6}$", letter.Code)
		_, err := v.s.Proofs().LinkedInvitation(t.Context(), letter.Token[:42]+"-")
		wantCode(t, err, models.CodeNotFound)
		v.woken(t)

		require.NoError(t, v.follow(t, letter.Token))
		a, i := v.now(t)
		assert.Equal(t, models.AddressVerified, a.State)
		assert.Equal(t, models.InvitationConfirmed, i.State)
		assert.Nil(t, i.NextAt)
		assert.Nil(t, i.CodeHash)
		assert.Equal(t, []string{i.ID}, v.woken(t), "its workflow must hear of it")
		_, err = v.s.Letter(t.Context(), v.id, i.ID)
		require.Error(t, err, "what its messages carried is forgotten")
		wantCode(t, v.follow(t, letter.Token), models.CodeExpired)
		wantCode(t, v.guess(t, letter.Code), models.CodeExpired)
		wantCode(t, v.resend(t), models.CodeConflict)
	})
}

func TestACodeProvesItsAddressOnly(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		ada, bob := mine.invite(t, models.ChannelSMS, "+8613800138000"), mine.invite(t, models.ChannelSMS, "+8613800138001")
		first, second := ada.send(t), bob.send(t)
		if first.Code != second.Code {
			wantCode(t, ada.guess(t, second.Code), models.CodeInvalid)
		}
		require.NoError(t, ada.guess(t, first.Code))
		a, _ := ada.now(t)
		b, _ := bob.now(t)
		assert.Equal(t, models.AddressVerified, a.State)
		assert.Equal(t, models.AddressPending, b.State)
		mine.now.advance(5 * time.Minute)
		wantCode(t, bob.guess(t, second.Code), models.CodeExpired)
		require.NoError(t, bob.follow(t, second.Token), "the link lives longer")
	})
}

func TestTwoHundredParallelGuessesHaveFiveTries(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		v := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		letter := v.send(t)
		var wrongOnes, locked atomic.Int64
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				switch code := models.CodeOf(v.guess(t, wrong(letter))); code {
				case models.CodeInvalid:
					wrongOnes.Add(1)
				case models.CodeLocked:
					locked.Add(1)
				default:
					assert.Fail(t, "a guess", "= %s", code)
				}
			})
		}
		all.Wait()
		assert.Equal(t, int64(5), wrongOnes.Load(), "guesses that were compared")
		assert.Equal(t, int64(195), locked.Load())
		wantCode(t, v.guess(t, letter.Code), models.CodeLocked)
		require.NoError(t, v.follow(t, letter.Token), "the code is locked, not the link")
	})
}

func TestConfirmingTwiceAtOnceIsOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		v := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		letter := v.send(t)
		var confirmed atomic.Int64
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				prove := func() error { return v.follow(t, letter.Token) }
				if n%2 == 0 {
					prove = func() error { return v.guess(t, letter.Code) }
				}
				if prove() == nil {
					confirmed.Add(1)
				}
			})
		}
		all.Wait()
		assert.Equal(t, int64(1), confirmed.Load())
	})
}

func TestConfirmingAgainstExpiryHasOneWinner(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for round := range 8 {
			v := mine.invite(t, models.ChannelEmail, fmt.Sprintf("ada%d@acme.example", round))
			m := v.message(t, 0)
			m.LinkExpiresAt, m.Budgets = mine.now.Now(), nil // over at once: both may come at the same instant
			m.LinkExpiresAt = m.LinkExpiresAt.Add(time.Millisecond)
			require.NoError(t, v.s.Proofs().SendInvitation(t.Context(), v.id, m))
			letter, err := v.s.Letter(t.Context(), v.id, m.InvitationID)
			require.NoError(t, err)
			var told []models.Unproven
			var confirming error
			var both sync.WaitGroup
			both.Go(func() { confirming = v.follow(t, letter.Token) })
			both.Go(func() {
				mine.now.advance(time.Millisecond)
				told = expire(t, mine)
			})
			both.Wait()
			a, i := v.now(t)
			if confirming == nil {
				assert.Equal(t, models.AddressVerified, a.State)
				assert.Equal(t, models.InvitationConfirmed, i.State)
				assert.Empty(t, told)
				continue
			}
			wantCode(t, confirming, models.CodeExpired)
			assert.Equal(t, models.AddressExpired, a.State)
			assert.Equal(t, models.InvitationExpired, i.State)
			assert.Len(t, told, 1)
		}
	})
}

func TestAResendReplacesLinkAndCode(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		v := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		first := v.send(t)
		wantCode(t, v.resend(t), models.CodeRateLimited)
		mine.now.advance(2 * time.Minute)
		require.NoError(t, v.resend(t))
		wantCode(t, v.guess(t, first.Code), models.CodeExpired)
		p, err := v.s.Proofs().LinkedInvitation(t.Context(), first.Token)
		require.NoError(t, err, "the page must say what became of the link")
		assert.True(t, p.Replaced)

		second := v.send(t)
		assert.NotEqual(t, first.Token, second.Token)
		assert.Equal(t, 2, second.Round)
		wantCode(t, v.follow(t, first.Token), models.CodeExpired)
		require.NoError(t, v.follow(t, second.Token))
	})
}

func TestAMessageIsMadeOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		v := mine.invite(t, models.ChannelEmail, "ada@acme.example")
		m := v.message(t, 0)
		for range 3 { // a worker that died after the commit has it made again
			require.NoError(t, v.s.Proofs().SendInvitation(t.Context(), v.id, m))
		}
		_, i := v.now(t)
		assert.Equal(t, 1, i.Round)
		before, err := v.s.Letter(t.Context(), v.id, i.ID)
		require.NoError(t, err)
		remind := v.message(t, 1)
		for range 2 {
			require.NoError(t, v.s.Proofs().SendInvitation(t.Context(), v.id, remind))
		}
		after, err := v.s.Letter(t.Context(), v.id, i.ID)
		require.NoError(t, err)
		assert.Equal(t, before.Token, after.Token, "a reminder has the same link")
		assert.Equal(t, 1, after.Reminders)
		rows, _, err := v.s.In(v.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, rows, 2)
		for _, n := range rows {
			assert.Equal(t, models.SourceInvitation, n.Source)
			assert.Equal(t, i.ID, n.SubjectID)
			whole, err := v.s.Deliveries().OpenNotification(t.Context(), v.id, n.ID)
			require.NoError(t, err)
			assert.Empty(t, whole.Variables, "link and code stand in no notification")
		}
		report, err := v.s.In(v.id).Notifications().Report(t.Context(), rows[0].ID)
		require.NoError(t, err)
		assert.Empty(t, report.MessageID, "an invitation goes to its address only")
		assert.Empty(t, report.Deliveries)
	})
}

func TestWhatHappensToAnAddressHappensToItsInvitation(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		update := func(fn func(*models.Contact)) models.Contact {
			var after models.Contact
			inTx(t, mine.s, func(ctx context.Context, tx *store.Tx) (err error) {
				_, after, err = tx.In(mine.id).Contacts().UpdateOfAccount(ctx, 0, func(c *models.Contact) error { fn(c); return nil })
				return err
			})
			return after
		}
		add := func(key string) invitee {
			c := update(func(c *models.Contact) {
				c.Addresses = append(c.Addresses, models.Address{Channel: models.ChannelEmail, Value: key, ValueKey: key, State: models.AddressPending})
			})
			v := invitee{tenant: mine, contact: c}
			for _, a := range c.Addresses {
				if a.ValueKey == key {
					v.address = a
				}
			}
			return v
		}
		waived, changed := add("waived@acme.example"), add("changed@acme.example")
		first, second := waived.send(t), changed.send(t)
		waived.woken(t)
		update(func(c *models.Contact) {
			for n := range c.Addresses {
				switch c.Addresses[n].ValueKey {
				case "waived@acme.example":
					c.Addresses[n].State = models.AddressWaived
				case "changed@acme.example":
					c.Addresses[n].Value, c.Addresses[n].ValueKey = "new@acme.example", "new@acme.example"
				}
			}
		})
		a, i := waived.now(t)
		assert.Equal(t, models.AddressWaived, a.State)
		assert.Equal(t, models.InvitationCancelled, i.State)
		wantCode(t, waived.follow(t, first.Token), models.CodeExpired)
		assert.Len(t, waived.woken(t), 3, "two ended, one began")

		p, err := mine.s.Proofs().LinkedInvitation(t.Context(), second.Token)
		require.NoError(t, err)
		assert.Empty(t, p.Address.ID, "the link was for another address")
		wantCode(t, changed.follow(t, second.Token), models.CodeExpired)
		contact, err := mine.s.In(mine.id).Contacts().OfAccount(t.Context())
		require.NoError(t, err)
		for _, a := range contact.Addresses {
			if a.ValueKey == "new@acme.example" {
				assert.Equal(t, models.AddressPending, a.State)
				_, i, err := mine.s.In(mine.id).Invitations().InvitedAddress(t.Context(), contact.ID, a.ID)
				require.NoError(t, err)
				assert.True(t, i.Waits())
			}
		}
	})
}

func TestExpiryTellsOnceOfAll(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		ada, bob, late := mine.invite(t, models.ChannelEmail, "ada@acme.example"), mine.invite(t, models.ChannelSMS, "+8613800138000"), mine.invite(t, models.ChannelEmail, "late@acme.example")
		foreign := other.invite(t, models.ChannelEmail, "ada@acme.example")
		letter := ada.send(t)
		bob.send(t)
		foreign.send(t)
		mine.now.advance(72 * time.Hour)
		late.send(t)
		assert.Len(t, expire(t, mine), 2)
		assert.Empty(t, expire(t, mine), "once")
		for v, state := range map[*invitee]models.AddressState{&ada: models.AddressExpired, &bob: models.AddressExpired, &late: models.AddressPending, &foreign: models.AddressPending} {
			a, _ := v.now(t)
			assert.Equal(t, state, a.State, v.address.ValueKey)
		}
		wantCode(t, ada.follow(t, letter.Token), models.CodeExpired)

		require.NoError(t, ada.resend(t), "an expired address may be invited anew")
		a, i := ada.now(t)
		assert.Equal(t, models.AddressPending, a.State)
		assert.Equal(t, models.InvitationPending, i.State)
		assert.NotEqual(t, letter.ID, i.ID)
		require.NoError(t, ada.follow(t, ada.send(t).Token))
	})
}
