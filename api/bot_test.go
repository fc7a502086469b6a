package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/storetest"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// offerWebhooks makes the channel one that accounts can use.
func (h *harness) offerWebhooks() {
	h.t.Helper()
	h.as(h.admin).post("/v1/providers", object{"kind": "webhook", "name": "webhooks"}).wants(201)
}

func webhookBot(url string) object {
	return object{"channel": "webhook", "name": "ops", "secrets": object{"url": url}}
}

func TestBotsAreMadeWithASecretThatIsShownOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	root := h.as(h.root)
	root.post("/v1/bots", webhookBot("https://hooks.example.com/canary-path")).wants(422).complains("#/channel", "unavailable-channel")
	h.offerWebhooks()
	made := root.key("make").post("/v1/bots", webhookBot("https://hooks.example.com/canary-path")).wants(201)
	path, secret := made.header.Get("Location"), made.field("generated", "secret")
	if !strings.HasPrefix(secret, "whsec_") || made.field("hint") != "https://hooks.example.com/…" || made.field("health", "state") != "unused" {
		t.Errorf("made %s", made.body)
	}
	if again := root.key("make").post("/v1/bots", webhookBot("https://hooks.example.com/canary-path")).wants(201); again.field("generated", "secret") != secret {
		t.Errorf("the repeat answers %s", again.body)
	}
	for _, a := range []*answer{root.get(path).wants(200), root.get("/v1/bots").wants(200), h.as(h.reader).get(path).wants(200)} {
		if strings.Contains(string(a.body), "canary") || strings.Contains(string(a.body), "whsec_") {
			t.Errorf("%s shows a secret: %s", a.what, a.body)
		}
	}
	h.as(h.stranger).get(path).wants(404)
	for _, row := range h.detailed(h.a.Account.ID) {
		if text := string(row.Before) + string(row.After); strings.Contains(text, "canary") || strings.Contains(text, "whsec_") {
			t.Errorf("%s: a secret stands in the operation log: %s", row.Action, text)
		}
	}
	if logs := h.logs.String(); strings.Contains(logs, "canary") || strings.Contains(logs, "whsec_") {
		t.Error("a secret stands in the logs")
	}
}

func TestWHK5InternalAddressesAreRefusedWhenSaved(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.offerWebhooks()
	root := h.as(h.root)
	path := root.post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201).header.Get("Location")
	for _, url := range []string{
		"http://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/", "https://100.100.100.200/", "https://[::1]/",
		"https://[::ffff:10.0.0.1]/", "https://2130706433/", "https://hooks.example.com:25/", "https://u:p@hooks.example.com/",
		"https://hooks.example.com/#x", "http://hooks.example.com/", "https://localhost/", "https://hooks.example.com:7233/",
	} {
		root.post("/v1/bots", webhookBot(url)).wants(422).complains("#/secrets/url", "blocked-address")
		root.patch(path, object{"secrets": object{"url": url}}).wants(422).complains("#/secrets/url", "blocked-address")
	}
	root.post("/v1/bots", webhookBot("javascript:alert(1)")).wants(422).complains("#/secrets/url", "invalid-url")
	root.post("/v1/bots", object{"channel": "webhook", "name": "x"}).wants(422).complains("#/secrets/url", "required")
	root.post("/v1/bots", object{"channel": "email", "name": "x"}).wants(422).complains("#/channel", "unavailable-channel")
}

func TestHostileSecretsAndHeadersAreRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.offerWebhooks()
	post := func(name, value string) *answer {
		body := webhookBot("https://hooks.example.com/x")
		body["secrets"].(object)[name] = value
		return h.as(h.root).post("/v1/bots", body)
	}
	post("secret", "whsec_short").wants(422).complains("#/secrets/secret", "invalid-secret")
	post("secret", "whsec_\r\n").wants(422).complains("#/secrets/secret", "invalid-characters")
	post("secret", strings.Repeat("a", 8192)).wants(422).complains("#/secrets/secret", "too-long")
	post("headers", "Host: evil.example").wants(422).complains("#/secrets/headers", "reserved-header")
	post("headers", "Content-Length: 1").wants(422).complains("#/secrets/headers", "reserved-header")
	post("headers", "Transfer-Encoding: chunked").wants(422).complains("#/secrets/headers", "reserved-header")
	post("headers", "X-A: b\r\nX-C: d").wants(422).complains("#/secrets/headers", "invalid-characters")
	post("headers", "X-A: "+strings.Repeat("b", 8192)).wants(422).complains("#/secrets/headers", "too-long")
	post("headers", "X-Team: ops\nAuthorization: Bearer t").wants(201)
}

func TestTwentyBotsAreTheLimit(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.offerWebhooks()
	for range 20 {
		h.as(h.root).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201)
	}
	over := h.as(h.root).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(409)
	if !strings.Contains(over.field("detail"), "20") {
		t.Errorf("the refusal does not name the limit: %s", over.body)
	}
	h.as(h.stranger).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201)
}

// WHK-1 and WHK-3: what the account's endpoint receives verifies with the secret
// that was shown, during the overlap with both.
func TestTestsAreSignedAndRotationOverlaps(t *testing.T) {
	t.Parallel()
	sink := channeltest.NewSink(t, nil)
	h := newHarnessReaching(t, storetest.SQLite(t), reaching(sink.URL))
	h.offerWebhooks()
	root := h.as(h.root)
	made := root.post("/v1/bots", webhookBot(sink.URL+"/hook")).wants(201)
	path, first := made.header.Get("Location"), made.field("generated", "secret")
	rotated := root.post(path+"/rotate-secret", object{"overlap_seconds": 3600}).wants(200)
	second := rotated.field("generated", "secret")
	if second == first || !strings.HasPrefix(second, "whsec_") {
		t.Errorf("rotated %s", rotated.body)
	}
	verify := func(want ...bool) {
		t.Helper()
		if got := root.post(path+"/test", nil).wants(200); got.field("outcome") != "delivered" {
			t.Fatalf("test: %s", got.body)
		}
		requests := sink.Requests()
		last := requests[len(requests)-1]
		for i, secret := range []string{first, second} {
			library, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if got := library.VerifyIgnoringTimestamp(last.Body, last.Header) == nil; got != want[i] {
				t.Errorf("secret %d verifies = %v, want %v", i+1, got, want[i])
			}
		}
	}
	verify(true, true)
	h.clock.advance(time.Hour + time.Second)
	verify(false, true)
	root.post(path+"/rotate-secret", object{"secret": first, "overlap_seconds": 0}).wants(200)
	verify(true, false)
	root.post(path+"/rotate-secret", object{"secret": "nonsense"}).wants(422).complains("#/secrets/secret", "invalid-secret")
	h.as(h.stranger).post(path+"/rotate-secret", nil).wants(404)
}

func TestBotTestShowsTheReceiversAnswer(t *testing.T) {
	t.Parallel()
	sink := channeltest.NewSink(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no entry for "+r.URL.String(), http.StatusForbidden)
	})
	h := newHarnessReaching(t, storetest.SQLite(t), reaching(sink.URL))
	h.offerWebhooks()
	path := h.as(h.root).post("/v1/bots", webhookBot(sink.URL+"/canary-path-123")).wants(201).header.Get("Location")
	got := h.as(h.full).post(path+"/test", nil).wants(200)
	if got.field("ok") != "false" || got.field("provider_code") != "403" || !strings.HasPrefix(got.field("provider_message"), "no entry for") ||
		strings.Contains(string(got.body), "canary") {
		t.Errorf("test: %s", got.body)
	}
	h.as(h.reader).post(path+"/test", nil).wants(403)
	if n := len(sink.Requests()); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}

func TestBotsAreChangedAndResumed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.offerWebhooks()
	root := h.as(h.root)
	made := root.post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201)
	path := made.header.Get("Location")
	destination := models.BotDestination(made.field("id"))
	off := root.ifMatch(made).patch(path, object{"enabled": false, "name": "off"}).wants(200)
	if off.field("enabled") != "false" || off.field("secrets_set", 1) != "url" {
		t.Errorf("disabled: %s", off.body)
	}
	root.ifMatch(made).patch(path, object{"name": "late"}).wants(412)
	for _, repair := range []func(){
		func() { root.patch(path, object{"enabled": true}).wants(200) },
		func() { root.post(path+"/resume", nil).wants(200) },
		func() {
			changed := root.patch(path, object{"secrets": object{"url": "https://other.example.com/x"}}).wants(200)
			if changed.field("hint") != "https://other.example.com/…" {
				t.Errorf("the hint is stale: %s", changed.body)
			}
		},
	} {
		h.suspend(h.a.Account.ID, destination)
		repair()
		if got := root.get(path).wants(200); got.field("health", "state") != "ok" || got.field("health", "failures") != "0" {
			t.Errorf("after the repair: %s", got.body)
		}
	}
	root.patch(path, object{"settings": object{"envelope": "xml"}}).wants(422).complains("#/settings/envelope", "not-allowed")
	h.as(h.stranger).patch(path, object{"name": "mine"}).wants(404)
	h.as(h.stranger).delete(path).wants(404)
	root.delete(path).wants(204)
	root.get(path).wants(404)
}
