package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/api/invitations"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/signin"
	"belfry.dev/belfry/store"
)

// invitee is a contact of account A with one address that waits for its proof.
type invitee struct {
	h       *harness
	contact models.Contact
	address models.Address
	// path is where the invitation stands.
	path string
}

func (h *harness) invite(channel models.Channel, key string) *invitee {
	h.t.Helper()
	v := &invitee{h: h}
	h.write(func(tx *store.Tx) error {
		v.contact = models.Contact{
			Kind: models.ContactPerson, Name: "Ada", Language: models.LocaleZH, Enabled: true,
			Addresses: []models.Address{{Channel: channel, Value: key, ValueKey: key, State: models.AddressPending}},
		}
		return tx.In(h.a.Account.ID).Contacts().Create(h.t.Context(), &v.contact)
	})
	v.address = v.contact.Addresses[0]
	v.path = "/v1/contacts/" + v.contact.ID + "/addresses/" + v.address.ID + "/invitation"
	return v
}

// invited is an invitee who got the first message, and what it carried.
func (h *harness) invited(channel models.Channel, key string) (*invitee, models.Letter) {
	h.t.Helper()
	v := h.invite(channel, key)
	return v, v.send()
}

// send does what the invitation's workflow does at the beginning of a round, and
// returns what the message carries.
func (v *invitee) send() models.Letter {
	v.h.t.Helper()
	ctx, account, now := context.WithoutCancel(v.h.t.Context()), v.h.a.Account.ID, v.h.clock.Now()
	_, i := v.now()
	rules := models.InvitationRules{Kinds: v.h.channels.AddressKinds()}.WithDefaults()
	err := v.h.store.Proofs().SendInvitation(ctx, account, models.InvitationMessage{
		InvitationID: i.ID, CodeExpiresAt: now.Add(rules.LifeOfCode(i.Channel)), LinkExpiresAt: now.Add(rules.LinkLife), NextAt: now.Add(24 * time.Hour),
		Notification: models.Notification{Type: "account.contact_verification", TypeVersion: 1, ExpiresAt: now.Add(rules.LinkLife), Language: models.LocaleEN},
	})
	require.NoError(v.h.t, err)
	_, i = v.now()
	filter := store.NotificationFilter{ExternalID: i.MessageID()}
	rows, _, err := v.h.store.In(account).Notifications().List(ctx, filter, store.Page{Limit: 1})
	require.NoError(v.h.t, err)
	require.Len(v.h.t, rows, 1)
	p, err := v.h.store.Deliveries().PlanNotification(ctx, account, rows[0].ID, models.Plan{Deliveries: []models.Delivery{{
		Slot: "x", Channel: i.Channel, ContactID: i.ContactID, AddressID: i.AddressID, AddressKey: i.AddressKey, State: models.DeliveryPending,
	}}})
	require.NoError(v.h.t, err)
	d, err := v.h.store.Deliveries().Dispatch(ctx, account, p.Pending[0].ID)
	require.NoError(v.h.t, err)
	return *d.Letter
}

func (v *invitee) now() (models.Address, models.Invitation) {
	v.h.t.Helper()
	a, i, err := v.h.store.In(v.h.a.Account.ID).Invitations().InvitedAddress(context.WithoutCancel(v.h.t.Context()), v.contact.ID, v.address.ID)
	require.NoError(v.h.t, err)
	return a, i
}

func (v *invitee) state() models.AddressState {
	a, _ := v.now()
	return a.State
}

func (v *invitee) guess(code string) *answer {
	return v.h.as(v.h.full).post(v.path+"/confirm", object{"code": code})
}

func wrongCode(l models.Letter) string {
	if l.Code == "000000" {
		return "000001"
	}
	return "000000"
}

func (h *harness) form(path string) *answer {
	return h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded").post(path, "")
}

func linkPath(l models.Letter) string {
	return strings.TrimPrefix(invitations.VerifyURL("https://belfry.example.com/", l.Token), "https://belfry.example.com")
}

func TestInvitationLinkConfirmsOnPostOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invited(models.ChannelEmail, "ada.l@example.com")
	path := linkPath(letter)
	for range 20 { // scanners
		page := h.as(h.anonymous).get(path).wants(200)
		assert.Contains(t, string(page.body), "a…@example.com")
		assert.NotContains(t, string(page.body), "ada.l@")
		assert.Contains(t, string(page.body), "确认接收通知", "the contact's language")
		assert.Equal(t, "no-store", page.header.Get("Cache-Control"))
		assert.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.NotEmpty(t, page.header.Get("Referrer-Policy"))
	}
	page := h.as(h.anonymous).with("Accept-Language", "en").get(path).wants(200)
	assert.Contains(t, string(page.body), "Receive notifications here?")
	for _, method := range []string{http.MethodHead, http.MethodOptions} {
		h.as(h.anonymous).send(method, path, nil)
	}
	require.Equal(t, models.AddressPending, v.state(), "reading confirmed: mail scanners would, too")

	h.as(h.anonymous).get(path[:len(path)-1]).wants(404).problem(models.CodeNotFound)
	h.as(h.anonymous).get(verifyOf(h.unsubscribePath("ada.l@example.com"))).wants(404)
	first := h.form(path).wants(200)
	assert.Contains(t, string(first.body), "已确认")
	again := h.form(path).wants(200)
	assert.Equal(t, string(first.body), string(again.body), "the same success")
	assert.Equal(t, models.AddressVerified, v.state())
	row := h.logged(h.a.Account.ID)[0]
	assert.Equal(t, "verify.confirm", row.Action)
	assert.Equal(t, models.ActorSystem, row.ActorKind)
	assert.NotEmpty(t, row.IP)
	assert.Equal(t, v.contact.ID, row.ObjectID)
	assert.Contains(t, string(h.as(h.anonymous).get(path).wants(200).body), "已确认")
}

// verifyOf takes a token of another purpose to the page of invitations.
func verifyOf(path string) string { return "/verify/" + path[len("/u/"):len("/u/")+43] }

func TestAnExpiredOrReplacedLinkOffersANewOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invited(models.ChannelEmail, "ada@example.com")
	h.clock.advance(72 * time.Hour)
	page := h.as(h.anonymous).with("Accept-Language", "en").get(linkPath(letter)).wants(http.StatusGone)
	assert.Contains(t, string(page.body), "Send a new link")
	assert.Contains(t, string(page.body), `action="`+linkPath(letter)+`/resend?lang=en-US"`)
	h.form(linkPath(letter)).wants(http.StatusGone)
	assert.Equal(t, models.AddressPending, v.state())

	sent := h.as(h.anonymous).with("Accept-Language", "en").with("Content-Type", "application/x-www-form-urlencoded")
	page = sent.post(linkPath(letter)+"/resend", "").wants(200)
	assert.Contains(t, string(page.body), "A new link is on its way")
	page = sent.post(linkPath(letter)+"/resend", "").wants(http.StatusTooManyRequests)
	assert.Contains(t, string(page.body), "in 2 minutes")
	assert.Equal(t, "120", page.header.Get("Retry-After"))
	next := v.send()
	h.as(h.anonymous).get(linkPath(letter)).wants(http.StatusGone)
	h.form(linkPath(letter)).wants(http.StatusGone)
	h.form(linkPath(next)).wants(200)
	assert.Equal(t, models.AddressVerified, v.state())
	assert.Contains(t, string(h.form(linkPath(letter)+"/resend").wants(200).body), "已确认", "nothing is left to send")
}

func TestALinkOfAnAddressThatIsGoneConfirmsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invited(models.ChannelEmail, "ada@example.com")
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(h.a.Account.ID).Contacts().Update(t.Context(), v.contact.ID, 0, func(c *models.Contact) error {
			c.Addresses[0].Value, c.Addresses[0].ValueKey, c.Addresses[0].State = "new@example.com", "new@example.com", models.AddressPending
			return nil
		})
		return err
	})
	h.form(linkPath(letter)).wants(http.StatusGone)
	h.form(linkPath(letter) + "/resend").wants(http.StatusGone)
	h.as(h.full).get(v.path).wants(404)
}

func TestACodeConfirmsOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invited(models.ChannelSMS, "+8613800138000")
	other, second := h.invited(models.ChannelSMS, "+8613800138001")
	for _, code := range []string{"１２３４５６", "12345", "1234567", "12345a", "-12345", "12 345"} {
		v.guess(code).wants(422).complains("#/code", "invalid-value")
	}
	if second.Code != letter.Code {
		v.guess(second.Code).wants(422).complains("#/code", "wrong-code")
	}
	answer := v.guess("  " + letter.Code + " ").wants(200)
	assert.Equal(t, "verified", answer.field("address", "state"))
	assert.Equal(t, "confirmed", answer.field("invitation", "state"))
	v.guess(letter.Code).wants(409).problem(models.CodeConflict)
	h.as(h.full).post(v.path+"/resend", nil).wants(409).complains("path/address", "verified")
	h.as(h.stranger).post(other.path+"/confirm", object{"code": second.Code}).wants(404)
	h.as(h.reader).post(other.path+"/confirm", object{"code": second.Code}).wants(403)
	h.clock.advance(5 * time.Minute)
	other.guess(second.Code).wants(410).problem(models.CodeExpired)
	for _, row := range h.logged(h.a.Account.ID) {
		whole, err := h.store.In(h.a.Account.ID).OperationLog().ByID(t.Context(), row.Seq)
		require.NoError(t, err)
		assert.NotContains(t, string(whole.Before)+string(whole.After), letter.Code)
	}
}

func TestFiveWrongTriesLockACode(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invited(models.ChannelEmail, "ada@example.com")
	var compared, locked atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			switch v.guess(wrongCode(letter)).status {
			case 422:
				compared.Add(1)
			case 429:
				locked.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int64(5), compared.Load())
	assert.Equal(t, int64(35), locked.Load())
	h.clock.advance(90 * time.Second)
	h.forgetGuesses(v)
	got := v.guess(letter.Code).wants(429).problem(models.CodeLocked)
	assert.Equal(t, "30", got.header.Get("Retry-After"), "a new one can be sent then")
	h.clock.advance(30 * time.Second)
	h.as(h.full).post(v.path+"/resend", nil).wants(202)
	v.guess(letter.Code).wants(410)
	v.guess(v.send().Code).wants(200)
}

// forgetGuesses gives the address its guesses of the day back.
func (h *harness) forgetGuesses(v *invitee) {
	h.t.Helper()
	for _, b := range (models.InvitationRules{}).WithDefaults().GuessBudgets(h.a.Account.ID, v.address.Channel, v.address.ValueKey) {
		h.write(func(tx *store.Tx) error { return tx.Return(h.t.Context(), signin.Allowance{Key: b.Key, Clears: true}) })
	}
}

func TestGuessesHaveADailyBudget(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.Invitations.GuessesPerAddress = 3 })
	v, letter := h.invited(models.ChannelEmail, "ada@example.com")
	for range 3 {
		v.guess(wrongCode(letter)).wants(422)
	}
	got := v.guess(letter.Code).wants(429).problem(models.CodeRateLimited)
	assert.Equal(t, "86400", got.header.Get("Retry-After"))
}

func TestResendsAreBoundedOverAllAccounts(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.Invitations.PerAddress = 2 })
	v, _ := h.invited(models.ChannelEmail, "ada@example.com")
	h.as(h.full).post(v.path+"/resend", nil).wants(429).problem(models.CodeRateLimited)
	for range 2 {
		h.clock.advance(5 * time.Minute)
		h.as(h.full).post(v.path+"/resend", nil).wants(202)
		v.send()
	}
	h.clock.advance(9 * time.Minute)
	own := h.as(h.full).post(v.path+"/resend", nil).wants(429)

	foreign := models.Contact{
		Kind: models.ContactPerson, Name: "Ada", Enabled: true,
		Addresses: []models.Address{{Channel: models.ChannelEmail, Value: "A.d.a+x@example.com", ValueKey: "a.d.a+x@example.com", State: models.AddressPending}},
	}
	h.write(func(tx *store.Tx) error { return tx.In(h.b.Account.ID).Contacts().Create(t.Context(), &foreign) })
	h.clock.advance(3 * time.Minute)
	theirs := h.as(h.stranger).post(fmt.Sprintf("/v1/contacts/%s/addresses/%s/invitation/resend", foreign.ID, foreign.Addresses[0].ID), nil).wants(429)
	assert.Equal(t, own.field("detail"), theirs.field("detail"), "nothing tells that it is another account's doing")
	assert.NotEmpty(t, theirs.header.Get("Retry-After"))
}

// TestEachResendMustWaitForLonger: after 2, 4 and 8 minutes, whoever asks, and also when
// a bounce makes it another invitation; a day without one begins anew.
func TestEachResendMustWaitForLonger(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.Invitations.PerAddress = 100 })
	v, letter := h.invited(models.ChannelEmail, "ada@example.com")
	resend := func() *answer { return h.as(h.full).post(v.path+"/resend", nil) }
	early := func(wait string) {
		t.Helper()
		assert.Equal(t, wait, resend().wants(429).problem(models.CodeRateLimited).header.Get("Retry-After"))
	}
	early("120")
	h.clock.advance(2 * time.Minute)
	assert.Equal(t, "2026-03-01T08:06:00Z", resend().wants(202).field("invitation", "resend_at"))
	v.send()
	early("240")
	h.clock.advance(4 * time.Minute)
	h.form(linkPath(letter) + "/resend").wants(200)
	v.send()
	early("480")
	h.setState(v.contact.ID, v.address.ID, models.AddressFailed)
	early("480")
	h.clock.advance(8 * time.Minute)
	resend().wants(202)
	v.send()
	early("960")
	h.clock.advance(24 * time.Hour)
	resend().wants(202)
	v.send()
	early("120")
}

func TestAnInvitationShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v := h.invite(models.ChannelEmail, "ada@example.com")
	before := h.as(h.reader).get(v.path).wants(200)
	assert.Equal(t, "pending", before.field("invitation", "state"))
	assert.Equal(t, "0", before.field("invitation", "round"))
	assert.Empty(t, before.field("invitation", "sent_at"))
	letter := v.send()
	v.guess(wrongCode(letter)).wants(422)
	after := h.as(h.reader).get(v.path).wants(200)
	assert.Equal(t, "4", after.field("invitation", "tries_left"))
	assert.Equal(t, "2026-03-01T08:10:00Z", after.field("invitation", "code_expires_at"))
	assert.Equal(t, "2026-03-04T08:00:00Z", after.field("invitation", "expires_at"))
	assert.Equal(t, "2026-03-01T08:02:00Z", after.field("invitation", "resend_at"))
	assert.NotContains(t, string(after.body), letter.Code)
	assert.NotContains(t, string(after.body), letter.Token)
	h.as(h.stranger).get(v.path).wants(404)
	billing := h.a.Contact
	none := h.as(h.reader).get("/v1/contacts/" + billing.ID + "/addresses/" + billing.Addresses[0].ID + "/invitation").wants(200)
	assert.Empty(t, none.field("invitation"))
}

// TestOnlyWhatCanBeSentAgainSaysWhen: nothing is left to prove of a verified or waived
// address, whose invitation is still shown.
func TestOnlyWhatCanBeSentAgainSaysWhen(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, _ := h.invited(models.ChannelEmail, "ada@example.com")
	for state, resends := range map[models.AddressState]bool{
		models.AddressPending: true, models.AddressExpired: true, models.AddressFailed: true,
		models.AddressVerified: false, models.AddressWaived: false,
	} {
		h.setState(v.contact.ID, v.address.ID, state)
		one := h.as(h.reader).get(v.path).wants(200)
		contact := h.as(h.reader).get("/v1/contacts/" + v.contact.ID).wants(200)
		assert.NotEmpty(t, one.field("invitation", "id"), state)
		assert.Equal(t, resends, one.field("invitation", "resend_at") != "", state)
		assert.Equal(t, one.field("invitation", "resend_at"), contact.field("addresses", 0, "invitation", "resend_at"), state)
		if !resends {
			h.as(h.full).post(v.path+"/resend", nil).wants(409).complains("path/address", string(state))
		}
	}
}

// TestContactsShowHowFarTheirAddressesAre: where contacts are shown, the invitation of
// each address is, too, whatever their number in as many queries.
func TestContactsShowHowFarTheirAddressesAre(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	statements := func(send func() *answer) int64 {
		before := h.store.Figures().Counts().Statements
		send().wants(200)
		return h.store.Figures().Counts().Statements - before
	}
	v, letter := h.invitedUser(h.none)
	list := func() *answer { return h.as(h.reader).get("/v1/contacts") }
	all := func() *answer { return h.as(h.admin).get("/v1/user-contacts") }
	list().wants(200) // the first call of a credential does more
	all().wants(200)
	listed, everywhere := statements(list), statements(all)

	shown := h.as(h.reader).get(v.path).wants(200).field("invitation")
	assert.Contains(t, shown, "remind_at:2026-03-02T08:00:00Z")
	assert.Contains(t, shown, "sent_at:2026-03-01T08:00:00Z")
	for path, page := range map[string]*answer{
		"/v1/contacts/" + v.contact.ID: h.as(h.reader).get("/v1/contacts/" + v.contact.ID),
		"/v1/me/contact":               h.as(h.none).get("/v1/me/contact"),
		"the operators' look":          h.as(h.admin).get(fmt.Sprintf("/v1/accounts/%s/users/%s/contact", h.a.Account.ID, h.none.id)),
	} {
		assert.Equal(t, shown, page.wants(200).field("addresses", 0, "invitation"), path)
	}
	assert.Equal(t, shown, list().field("items", 0, "addresses", 0, "invitation"))
	assert.Equal(t, shown, all().field("items", 0, "addresses", 0, "invitation"))
	assert.Empty(t, h.as(h.root).get("/v1/account/contact").wants(200).field("addresses", 0, "invitation"), "nobody is asked to prove it")

	for i := range 10 {
		h.invited(models.ChannelEmail, fmt.Sprintf("more%d@example.com", i))
	}
	assert.Equal(t, listed, statements(list), "statements for a page of contacts")
	assert.Equal(t, everywhere, statements(all), "statements for a page of the operators")

	v.guess(letter.Code).wants(200)
	done := h.as(h.reader).get("/v1/contacts/" + v.contact.ID).wants(200)
	assert.Equal(t, "confirmed", done.field("addresses", 0, "invitation", "state"))
	assert.Empty(t, done.field("addresses", 0, "invitation", "remind_at"))
	for _, row := range h.logged(h.a.Account.ID) {
		whole, err := h.store.In(h.a.Account.ID).OperationLog().ByID(t.Context(), row.Seq)
		require.NoError(t, err)
		assert.NotContains(t, string(whole.Before)+string(whole.After), "resend_at", "the log holds the contact's own facts")
	}
}

// invitedUser is an invitee who is the user.
func (h *harness) invitedUser(p person) (*invitee, models.Letter) {
	h.t.Helper()
	v, letter := h.invited(models.ChannelEmail, p.name+"@example.com")
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(p.account).Contacts().Update(h.t.Context(), v.contact.ID, 0, func(c *models.Contact) error {
			c.UserID = p.id
			return nil
		})
		return err
	})
	return v, letter
}

func (v *invitee) myPath() string { return "/v1/me/contact/addresses/" + v.address.ID + "/invitation" }

func TestUsersProveTheirOwnAddressesOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invitedUser(h.none)
	other, _ := h.invitedUser(h.reader)
	assert.Equal(t, "pending", h.as(h.none).get(v.myPath()).wants(200).field("address", "state"))
	h.as(h.none).get(other.myPath()).wants(404)
	h.as(h.reader).post(v.myPath()+"/confirm", object{"code": letter.Code}).wants(404)
	h.as(h.full).post(v.myPath()+"/confirm", object{"code": letter.Code}).wants(404)
	h.as(h.none).post(v.myPath()+"/confirm", object{"code": wrongCode(letter)}).wants(422).complains("#/code", "wrong-code")
	h.as(h.none).post(v.myPath()+"/confirm", object{"code": letter.Code}).wants(200)
	assert.Equal(t, models.AddressVerified, v.state())
}

func TestNobodySubmitsWhatIsBelfrysOwn(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	body := object{"type": "account.contact_verification", "account": "alpha", "variables": object{"code": "1", "code_minutes": "1", "link_hours": "1"}}
	h.as(h.product).post("/v1/notifications", body).wants(422).complains("#/type", "internal")
	h.as(h.admin).post("/v1/notifications", body).wants(422).complains("#/type", "internal")
}

// invitationRequests are those of invitations.
func invitationRequests() map[string]func(*harness) request {
	const form = "application/x-www-form-urlencoded"
	return map[string]func(*harness) request{
		"invitation.resend": func(h *harness) request {
			v, _ := h.invited(models.ChannelEmail, "ada@example.com")
			h.clock.advance(2 * time.Minute)
			return request{as: h.full, path: v.path + "/resend"}
		},
		"invitation.confirm_code": func(h *harness) request {
			v, letter := h.invited(models.ChannelEmail, "ada@example.com")
			return request{as: h.full, path: v.path + "/confirm", body: object{"code": letter.Code}, other: object{"code": wrongCode(letter)}}
		},
		"my_invitation.resend": func(h *harness) request {
			v, _ := h.invitedUser(h.none)
			h.clock.advance(2 * time.Minute)
			return request{as: h.none, path: v.myPath() + "/resend"}
		},
		"my_invitation.confirm_code": func(h *harness) request {
			v, letter := h.invitedUser(h.none)
			return request{as: h.none, path: v.myPath() + "/confirm", body: object{"code": letter.Code}, other: object{"code": wrongCode(letter)}}
		},
		"verify.confirm": func(h *harness) request {
			_, letter := h.invited(models.ChannelEmail, "ada@example.com")
			return request{as: h.anonymous, path: linkPath(letter), kind: form, body: ""}
		},
		"verify.resend": func(h *harness) request {
			_, letter := h.invited(models.ChannelEmail, "ada@example.com")
			h.clock.advance(72 * time.Hour)
			return request{as: h.anonymous, path: linkPath(letter) + "/resend", kind: form, body: ""}
		},
	}
}
