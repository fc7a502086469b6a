package api_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const promotion = "activity.promotion"

// unsubscribePath returns the path of an unsubscribe link of account A.
func (h *harness) unsubscribePath(address string) string {
	h.t.Helper()
	token := h.store.Vault().SealOptOut(store.OptOutLink{Account: h.a.Account.ID, AddressKey: address, TypeKey: promotion})
	path, found := strings.CutPrefix(api.UnsubscribeURL("https://belfry.example.com/", token), "https://belfry.example.com")
	if !found {
		h.t.Fatal("the link does not start with the public URL")
	}
	return path
}

// optedOut reports what the account contact's address opted out of: all marketing, and the
// promotion alone.
func (h *harness) optedOut(account models.AccountID, address string) (marketing, kind bool) {
	h.t.Helper()
	targets, err := h.store.NotificationTargets(h.t.Context(), account, promotion)
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

func TestForgedUnsubscribeLinkIsNotFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := h.unsubscribePath("pat@example.com")
	forged := path[:len(path)-2] + "AA"
	h.as(h.anonymous).get(forged).wants(404).problem(models.CodeNotFound)
	h.as(h.anonymous).get("/u/short").wants(404).problem(models.CodeNotFound)
}
