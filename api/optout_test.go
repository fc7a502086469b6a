package api_test

import (
	"slices"
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
		if got, err := h.store.In(h.a.Account.ID).OptOuts().List(t.Context(), address); err != nil || len(got) != 0 {
			t.Errorf("%s: it is unsubscribed from %v, %v", key, got, err)
		}
	}
}

// TestOptOutsAreSeen on the page before, in coverage, at the contact and in the log.
func TestOptOutsAreSeen(t *testing.T) {
	t.Parallel()
	h := newChoosable(t)
	root := h.as(h.root)
	path := h.linkOf("billing@alpha.example", promotion)
	if page := string(h.as(h.anonymous).get(path).wants(200).body); !strings.Contains(page, "nobody of the account hears of it") {
		t.Errorf("the page does not warn: %s", page)
	}
	root.patch(matrixPath+"/"+promotion+"?confirm=true", object{"contacts": []string{h.ann, h.bob}}).wants(200)
	if page := string(h.as(h.anonymous).get(h.linkOf("ann@example.com", promotion)).wants(200).body); strings.Contains(page, "nobody of the account hears of it") {
		t.Errorf("the page warns although others hear of it: %s", page)
	}
	root.patch(matrixPath+"/"+promotion+"?confirm=true", object{"reset": true}).wants(200)
	h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded").post(path, "List-Unsubscribe=One-Click").wants(200)
	var cover struct {
		Unreached []struct{ Type, Reason string }
		OptedOut  []struct{ Type string } `json:"opted_out"`
	}
	root.get("/v1/coverage").wants(200).into(&cover)
	for _, key := range []string{promotion, "activity.launch"} {
		if !slices.ContainsFunc(cover.Unreached, func(u struct{ Type, Reason string }) bool {
			return u.Type == key && u.Reason == models.ReasonUnsubscribed
		}) || !slices.ContainsFunc(cover.OptedOut, func(o struct{ Type string }) bool { return o.Type == key }) {
			t.Errorf("%s: coverage shows unreached %+v, opted out %+v", key, cover.Unreached, cover.OptedOut)
		}
	}
	if slices.ContainsFunc(cover.OptedOut, func(o struct{ Type string }) bool { return o.Type == "security.ddos" }) {
		t.Error("coverage says that security mail was ended")
	}
	if got := root.get("/v1/account/contact").wants(200).field("unsubscribed", 0); got != models.Marketing {
		t.Errorf("the contact shows %q", got)
	}
	if rows := h.logged(h.a.Account.ID); rows[0].Action != "unsubscribe.confirm" {
		t.Errorf("the operation log has %+v", rows[0])
	}
}
