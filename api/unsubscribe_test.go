package api_test

import (
	"slices"
	"strings"
	"testing"

	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const promotion = "activity.promotion"

// unsubscribePath returns the path of an unsubscribe link of account A.
func (h *harness) unsubscribePath(address string) string {
	h.t.Helper()
	token := h.store.Vault().SealOptOut(store.OptOutLink{Account: h.a.Account.ID, AddressKey: address, TypeKey: promotion})
	path, found := strings.CutPrefix(subscriptions.UnsubscribeURL("https://belfry.example.com/", token), "https://belfry.example.com")
	if !found {
		h.t.Fatal("the link does not start with the public URL")
	}
	return path
}

// optedOut reports what the account contact's address opted out of: all marketing, and the
// promotion alone.
func (h *harness) optedOut(account models.AccountID, address string) (marketing, kind bool) {
	h.t.Helper()
	targets, err := h.store.Deliveries().NotificationTargets(h.t.Context(), account, promotion)
	if err != nil {
		h.t.Fatal(err)
	}
	return targets.NoMarketing[address], targets.Unsubscribed[address]
}

func TestUnsubscribeLinkActsOnPostOnly(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const address = "billing@alpha.example"
	path := h.unsubscribePath(address)

	page := h.as(h.anonymous).with("Accept-Language", "zh-CN,zh;q=0.9").get(path).wants(200)
	if body := string(page.body); !strings.Contains(body, "b…@alpha.example") || !strings.Contains(body, "退订全部活动类消息") {
		t.Errorf("page = %s, want the masked address and the buttons in Chinese", body)
	}
	kind, every := strings.Index(string(page.body), "只退订此类消息"), strings.Index(string(page.body), "退订全部活动类消息")
	if kind < 0 || kind > every {
		t.Error("the first button does not do the smaller thing")
	}
	if strings.Contains(string(page.body), address) {
		t.Error("the page shows the whole address")
	}
	if marketing, kind := h.optedOut(h.a.Account.ID, address); marketing || kind {
		t.Fatal("GET unsubscribed: mail scanners would too")
	}
	form := h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded")
	form.post(path+"?scope=type", "List-Unsubscribe=One-Click").wants(200)
	if marketing, kind := h.optedOut(h.a.Account.ID, address); marketing || !kind {
		t.Errorf("from one kind: all %v, this kind %v", marketing, kind)
	}

	for range 2 { // twice does no harm
		form.post(path, "List-Unsubscribe=One-Click").wants(200)
	}
	if marketing, _ := h.optedOut(h.a.Account.ID, address); !marketing {
		t.Error("one click did not end all activity messages")
	}
	if marketing, kind := h.optedOut(h.b.Account.ID, address); marketing || kind {
		t.Error("another account's address was unsubscribed")
	}
	if rows := h.logged(h.a.Account.ID); len(rows) == 0 || rows[0].Action != "unsubscribe.confirm" {
		t.Error("the operation log does not tell of it")
	}
}

// TestWhoUnsubscribedCanSubscribeAgain: by the same link, which shows how things are.
func TestWhoUnsubscribedCanSubscribeAgain(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const address = "billing@alpha.example"
	path := h.unsubscribePath(address)
	form := h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded")
	form.post(path, "").wants(200)
	form.post(path+"?scope=type", "").wants(200)
	page := h.as(h.anonymous).get(path).wants(200)
	if body := string(page.body); !strings.Contains(body, "You are unsubscribed") || !strings.Contains(body, `action="`+path+`/undo?lang=en-US"`) {
		t.Errorf("the page does not show how things are: %s", body)
	}
	h.as(h.anonymous).get(path + "/undo").wants(405)
	if body := string(form.post(path+"/undo", "").wants(200).body); !strings.Contains(body, "may get activity messages again") {
		t.Errorf("subscribed again: %s", body)
	}
	if marketing, kind := h.optedOut(h.a.Account.ID, address); marketing || !kind {
		t.Errorf("all activity messages %v, this kind %v: one of two was taken back", marketing, kind)
	}
	if body := string(h.as(h.anonymous).get(path).wants(200).body); !strings.Contains(body, "/undo?lang=en-US&amp;scope=type") {
		t.Errorf("the other one is not shown: %s", body)
	}
	for range 2 { // twice does no harm
		form.post(path+"/undo?scope=type", "").wants(200)
	}
	if marketing, kind := h.optedOut(h.a.Account.ID, address); marketing || kind {
		t.Error("it still stands")
	}
	if rows := h.logged(h.a.Account.ID); rows[0].Action != "unsubscribe.undo" {
		t.Errorf("the operation log has %+v", rows[0])
	}
}

// TestUsersKeepTheirOwnOptOuts: for the addresses that are theirs, and nobody else does.
func TestUsersKeepTheirOwnOptOuts(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const path = "/v1/me/contact/unsubscribed"
	h.as(h.none).get(path).wants(404)
	v, _ := h.invitedUser(h.none)
	optOut := func(address, kind string) {
		h.write(func(tx *store.Tx) error { return tx.In(h.a.Account.ID).OptOuts().Add(t.Context(), address, kind) })
	}
	optOut(v.address.ValueKey, models.Marketing)
	stands := func(address string, want ...string) {
		t.Helper()
		got, err := h.store.In(h.a.Account.ID).OptOuts().List(t.Context(), address)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is unsubscribed from %v, %v, want %v", address, got, err, want)
		}
	}
	none, all := object{"marketing": false, "types": []string{}}, object{"marketing": true, "types": []string{promotion}}
	h.as(h.none).put(path, none).wants(200)
	stands(v.address.ValueKey, models.Marketing) // the address is not proven to be the user's
	h.as(h.none).put(path, all).wants(409)
	h.verify(v.contact.ID, v.address.ID)
	if got := h.as(h.none).get(path).wants(200); got.field("marketing") != "true" || got.field("types", 0) != "" {
		t.Errorf("what the link did is shown as %s", got.body)
	}
	optOut("other@example.com", promotion)
	h.as(h.none).put(path, object{"marketing": true, "types": []string{"activity.nothing"}}).wants(422).complains("#/types/0", "unknown-value")
	h.as(h.none).put(path, object{"marketing": true, "types": []string{promotion, "security.ddos"}}).wants(422).complains("#/types/1", "not-optional")
	h.as(h.none).put(path, all).wants(200)
	stands(v.address.ValueKey, promotion, models.Marketing)
	h.as(h.none).put(path, none).wants(200)
	stands(v.address.ValueKey)
	stands("other@example.com", promotion) // somebody else's
	if rows := h.logged(h.a.Account.ID); rows[0].Action != "my_contact.set_unsubscribed" || rows[0].ObjectID != v.contact.ID {
		t.Errorf("the operation log has %+v", rows[0])
	}
}

func TestForgedUnsubscribeLinkIsNotFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := h.unsubscribePath("pat@example.com")
	forged := path[:len(path)-2] + "AA"
	h.as(h.anonymous).get(forged).wants(404).problem(models.CodeNotFound)
	h.as(h.anonymous).get("/u/short").wants(404).problem(models.CodeNotFound)
}
