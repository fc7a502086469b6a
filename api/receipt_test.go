package api_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/api/deliveries"
	"belfry.dev/belfry/models"
)

const textToken = "canary-token-1234567"

// texted is a notification whose text message a provider took, and the address that it was given
// for its receipts, below the public URL.
func (h *harness) texted() (notification, path string) {
	t := h.t
	t.Helper()
	settings := object{"account_sid": "AC" + strings.Repeat("0", 31) + "1", "from": "+15005550006"}
	provider := h.as(h.admin).post("/v1/providers", object{"kind": "sms_twilio", "name": "texts", "settings": settings, "secrets": object{"auth_token": textToken}}).wants(201).field("id")
	account := h.a.Account.ID
	id := h.as(h.product).post(notificationsPath, submission(nil)).wants(202).field("id")
	p, err := h.store.Deliveries().PlanNotification(t.Context(), account, id, models.Plan{Deliveries: []models.Delivery{
		{Slot: "sms:adr_1", Channel: models.ChannelSMS, Recipient: "alpha", AddressKey: "+14155552671", State: models.DeliveryPending},
	}})
	require.NoError(t, err)
	d := p.Pending[0]
	a := models.Attempt{AccountID: account, DeliveryID: d.ID, Number: 1, ProviderID: provider, Provider: "texts"}
	_, err = h.store.Deliveries().BeginAttempt(t.Context(), a, id)
	require.NoError(t, err)
	d.Attempts, d.State = 1, models.DeliveryAccepted
	a.Outcome, a.ProviderRef = models.OutcomeAccepted, textRef
	_, err = h.store.Deliveries().FinishAttempt(t.Context(), models.AttemptEnd{Attempt: a, Delivery: d})
	require.NoError(t, err)
	path, found := strings.CutPrefix(deliveries.ReceiptURL("https://belfry.example.com/", a), "https://belfry.example.com")
	require.True(t, found)
	return id, path
}

const textRef = "SM00000000000000000000000000000001"

// statusForm is what the provider posts, and its signature.
func statusForm(path, status, code string) (form, signature string) {
	values := url.Values{
		"AccountSid": {"AC" + strings.Repeat("0", 31) + "1"}, "MessageSid": {textRef}, "MessageStatus": {status}, "To": {"+14155552671"}, "From": {"+15005550006"},
	}
	if code != "" {
		values.Set("ErrorCode", code)
	}
	text := "https://belfry.example.com" + path
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text += name + values.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(textToken))
	mac.Write([]byte(text))
	return values.Encode(), base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (h *harness) postStatus(path, status, code string) *answer {
	h.t.Helper()
	form, signature := statusForm(path, status, code)
	return h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded").with("X-Twilio-Signature", signature).post(path, form)
}

func TestAReceiptMovesADeliveryFromAcceptedToItsEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id, path := h.texted()
	report := func() (r object) {
		h.as(h.root).get(notificationsPath + "/" + id).wants(200).into(&r)
		return r
	}
	counts := func(r object) object { return r["counts"].(map[string]any) }
	if r := report(); r["status"] != "delivered" || counts(r)["accepted"] != 1.0 {
		t.Fatalf("before: %v", r)
	}
	h.postStatus(path, "sent", "").wants(204)
	if r := report(); counts(r)["accepted"] != 1.0 {
		t.Errorf("on its way: %v", r)
	}
	for range 2 {
		h.postStatus(path, "undelivered", "30003").wants(204)
	}
	r := report()
	if r["status"] != "failed" || counts(r)["failed"] != 1.0 || counts(r)["accepted"] != 0.0 || r["reason"] != "unreachable" {
		t.Errorf("undelivered: %v", r)
	}
	said := h.as(h.root).get(notificationsPath + "/" + id).body
	for _, want := range []string{`"receipt":{`, `"code":"30003"`, `"outcome":"accepted"`} {
		if !strings.Contains(string(said), want) {
			t.Errorf("the report lacks %s: %s", want, said)
		}
	}
	h.postStatus(path, "delivered", "").wants(204)
	h.postStatus(path, "undelivered", "30003").wants(204)
	if r := report(); r["status"] != "delivered" || counts(r)["delivered"] != 2.0 {
		t.Errorf("late: %v", r)
	}
	if got := h.meter.settled; !slices.Equal(got, []models.DeliveryState{models.DeliveryFailed, models.DeliveryDelivered}) {
		t.Errorf("counted: %v", got)
	}
	if rows := h.as(h.root).get("/v1/deliveries?state=accepted").wants(200).items("id"); len(rows) != 0 {
		t.Errorf("accepted: %v", rows)
	}
}

// TestReceiptsAreTheProvidersAlone: a forged one is 403, one of nothing that was sent is 404,
// and neither says more.
func TestReceiptsAreTheProvidersAlone(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id, path := h.texted()
	form, _ := statusForm(path, "failed", "30005")
	c := h.as(h.anonymous).with("Content-Type", "application/x-www-form-urlencoded")
	c.post(path, form).wants(403)
	c.with("X-Twilio-Signature", "x").post(path, form).wants(403)
	c.with("X-Twilio-Signature", strings.Repeat("QUFB", 9)).post(path, "").wants(403)
	h.as(h.anonymous).post(path, object{}).wants(415)
	provider, rest, _ := strings.Cut(strings.TrimPrefix(path, "/v1/receipts/"), "/")
	another := "/v1/receipts/" + provider + "/dlv_" + strings.Repeat("0", 32) + "/1"
	h.postStatus(another, "failed", "30005").wants(404)
	h.postStatus(strings.TrimSuffix(path, "/1")+"/2", "failed", "30005").wants(404)
	c.post("/v1/receipts/pvd_"+strings.Repeat("0", 32)+"/"+rest, form).wants(404)
	relay := h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201).field("id")
	c.post("/v1/receipts/"+relay+"/"+rest, form).wants(404)
	if r := h.as(h.root).get(notificationsPath + "/" + id).wants(200); r.field("status") != "delivered" {
		t.Errorf("changed: %s", r.body)
	}
}

func receiptRequests() map[string]func(*harness) request {
	return map[string]func(*harness) request{
		"receipt.record": func(h *harness) request { // repeated at will, by nature; a record by itself
			_, path := h.seeded().texted()
			form, _ := statusForm(path, "delivered", "")
			return request{as: h.anonymous, path: path, body: form, kind: "application/x-www-form-urlencoded", pure: true}
		},
	}
}
