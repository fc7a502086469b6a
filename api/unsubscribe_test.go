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

func (h *harness) optedOut(account models.AccountID, address string) bool {
	h.t.Helper()
	out, err := h.store.In(account).OptedOut(h.t.Context(), []string{address}, promotion)
	if err != nil {
		h.t.Fatal(err)
	}
	return out[address]
}

func TestUnsubscribeLinkActsOnPostOnly(t *testing.T) {
	t.Parallel()
	h, _ := withCatalogue(t)
	const address = "pat.finance@example.com"
	path := h.unsubscribePath(address)

	page := h.as(h.anonymous).with("Accept-Language", "zh-CN,zh;q=0.9").get(path).wants(200)
	if body := string(page.body); !strings.Contains(body, "p…@example.com") || !strings.Contains(body, "确认退订") {
		t.Errorf("page = %s, want the masked address and the button in Chinese", body)
	}
	if strings.Contains(string(page.body), address) {
		t.Error("the page shows the whole address")
	}
	if h.optedOut(h.a.Account.ID, address) {
		t.Fatal("GET unsubscribed: mail scanners would too")
	}

	for range 2 { // twice does no harm
		h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded").post(path, "List-Unsubscribe=One-Click").wants(200)
	}
	if !h.optedOut(h.a.Account.ID, address) {
		t.Error("POST did not unsubscribe")
	}
	if h.optedOut(h.b.Account.ID, address) {
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
