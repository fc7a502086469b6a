package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

func TestAProductKnowsWhoItIsAndWhatItMayUse(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	narrow := h.newProduct("narrow", []string{"account.*", "service.bill"}, []string{string(h.a.Account.ID)})
	me := h.as(narrow).get("/v1/me").wants(200)
	require.Equal(t, "product narrow", me.field("kind")+" "+me.field("name"))
	require.Equal(t, "account.*", me.field("product", "types", 0))
	require.Contains(t, string(me.body), `"notification.create"`)
	h.as(narrow).get("/v1/categories").wants(200)

	for _, key := range h.as(narrow).get("/v1/message-types?limit=100").wants(200).items("key") {
		require.True(t, strings.HasPrefix(key, "account.") || key == "service.bill", key)
	}
	h.as(narrow).get("/v1/message-types/service.bill").wants(200)
	for _, path := range []string{"/v1/message-types/service.invoice", "/v1/message-types/service.invoice/versions", "/v1/message-types/exception.bot_suspended"} {
		h.as(narrow).get(path).wants(404)
	}
	preview := h.as(narrow).post("/v1/message-types/account.low_balance/preview", object{"language": "en-US", "variables": object{"balance": 86.5}}).wants(200)
	require.Contains(t, preview.field("body"), "86.5")
	h.as(narrow).post("/v1/message-types/service.invoice/preview", object{"language": "en-US"}).wants(404)
	require.Contains(t, h.as(h.product).get("/v1/message-types?limit=100").wants(200).items("key"), "service.bill")
}

func TestVariablesMayBeNumbersAndBooleans(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	submit := func(variables string) *answer {
		return h.as(h.product).post("/v1/notifications", []byte(`{"type": "account.low_balance", "account": "`+string(h.a.Account.ID)+`", "variables": `+variables+`}`))
	}
	for _, good := range []string{`{"balance": 86.50}`, `{"balance": -1e3}`, `{"balance": true}`, `{"balance": "CNY 9"}`} {
		submit(good).wants(202)
	}
	for _, bad := range []string{`{"balance": null}`, `{"balance": [1]}`, `{"balance": {"a": 1}}`} {
		submit(bad).wants(422)
	}
	id := submit(`{"balance": 86.50, "days_left": 3}`).wants(202).field("id")
	message := h.as(h.root).get("/v1/notifications/"+id).wants(200).field("inbox", "message_id")
	require.Contains(t, h.as(h.root).get("/v1/inbox/messages/"+message).wants(200).field("body"), "86.50", "a number stands as it was written")
}

func TestAProductSendsItsOwnFailuresAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	other := h.newProduct("other", []string{"*"}, []string{"*"})
	id := h.failedNotification()
	h.as(other).post("/v1/notifications/"+id+"/resend", nil).wants(404)
	again := h.as(h.product).post("/v1/notifications/"+id+"/resend", nil).wants(202)
	require.NotEmpty(t, again.field("deliveries", 0))
}

func TestNobodySpeaksInBelfrysPlace(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	everything := h.newProduct("everything", []string{"*"}, []string{"*"})
	for _, key := range append(models.OwnTypes(), "account.contact_verification", "account.address_failed") {
		h.as(everything).post("/v1/notifications", object{"type": key, "account": string(h.a.Account.ID)}).wants(422).complains("#/type", "internal")
		h.as(everything).post("/v1/announcements", object{"type": key, "audience": object{"all": true}}).wants(422).complains("#/type", "internal")
	}
}

func TestOperatorsHaveContactsBotsAndSubscriptions(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	h.offerContacts()
	h.offerWebhooks()
	admin := h.as(h.admin)
	require.Equal(t, "account", admin.get("/v1/account/contact").wants(200).field("kind"))
	admin.put("/v1/account/contact", object{"name": "operators", "addresses": []object{{"channel": "email", "value": "oncall@platform.example"}}}).wants(200)
	person := admin.post("/v1/contacts", contactBody("Olga", "olga@platform.example")).wants(201)
	admin.post("/v1/bots", webhookBot("https://hooks.example.com/ops")).wants(201)
	admin.patch("/v1/subscriptions/exception.provider_suspended?confirm=true", object{"contacts": []string{person.field("id")}}).wants(200)
	admin.get("/v1/coverage").wants(200)
	for _, path := range []string{"/v1/contacts", "/v1/bots", "/v1/subscriptions", "/v1/account/contact", "/v1/coverage"} {
		h.as(h.auditor).get(path).wants(403)
	}
	require.Empty(t, h.as(h.root).get("/v1/bots").wants(200).items("name"), "the account of operators is an account of its own")
	h.as(h.root).get("/v1/contacts/" + person.field("id")).wants(404)
}
