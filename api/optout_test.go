package api_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/api/subscriptions"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// linkOf is the path of an unsubscribe link in mail of the type to the address.
func (h *harness) linkOf(address, key string) string {
	h.t.Helper()
	token := h.store.Vault().SealOptOut(store.OptOutLink{Account: h.a.Account.ID, AddressKey: address, TypeKey: key})
	path, _ := strings.CutPrefix(subscriptions.UnsubscribeURL("https://belfry.example.com", token), "https://belfry.example.com")
	return path
}

// TestOnePressEndsNothingThatIsNotOptional: links in mail from times when they were offered
// show a page that says so, and do nothing.
func TestOnePressEndsNothingThatIsNotOptional(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	const address = "billing@alpha.example"
	for _, key := range []string{"security.ddos", "exception.monitor_alert", "account.balance_warning", "product.expiry_30"} {
		path := h.linkOf(address, key)
		page := string(h.as(h.anonymous).get(path).wants(200).body)
		if !strings.Contains(page, "cannot be ended by a link") || strings.Contains(page, "<form") {
			t.Errorf("%s: the page offers to end it: %s", key, page)
		}
		h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded").post(path, "List-Unsubscribe=One-Click").wants(409).problem(models.CodeMandatory)
		if got, err := h.store.In(h.a.Account.ID).OptOuts(t.Context(), address); err != nil || len(got) != 0 {
			t.Errorf("%s: it is unsubscribed from %v, %v", key, got, err)
		}
	}
}
