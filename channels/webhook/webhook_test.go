package webhook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/webhook"
	"belfry.dev/belfry/models"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	current = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	old     = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
)

// target leads to the URL. The query and the header hold credentials too.
func target(url string) channels.Target {
	return channels.Target{Bot: channels.Config{ID: "bot_1", Version: 1, Settings: channels.Settings{
		Secrets: map[string]string{"url": url + "?token=tok-123456789", "secret": current, "headers": "Authorization: Bearer hdr-987654321"},
	}}}
}

func newSender(c *channels.Client) channels.Sender { return webhook.New(c, time.Now) }

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.RunHTTP(t, channeltest.HTTP{
		New: newSender, Target: target, OK: "ok", Success: channels.Delivered, MaxBody: 20 << 10,
		Secrets: []string{"tok-123456789", "hdr-987654321", strings.TrimPrefix(current, "whsec_")},
		Statuses: map[int]channels.Class{
			400: channels.Retry, 401: channels.Retry, 403: channels.Retry, 404: channels.Retry,
			405: channels.Retry, 415: channels.Retry, 422: channels.Retry,
		},
	})
}

// post sends m to a sink and returns what the sink got.
func post(t *testing.T, tune func(*channels.Target), m channels.Message, now func() time.Time) channeltest.Got {
	t.Helper()
	s := channeltest.NewSink(t, nil)
	to := target(s.URL + "/hook")
	if tune != nil {
		tune(&to)
	}
	receipt, err := webhook.New(channeltest.Client(t, s.URL), now).Send(t.Context(), to, m)
	if err != nil || receipt.Class != channels.Delivered || receipt.Ref != m.Key {
		t.Fatalf("Send() = %+v, %v, want delivered", receipt, err)
	}
	return s.Requests()[0]
}

func verify(t *testing.T, secret string, got channeltest.Got) error {
	t.Helper()
	library, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return library.Verify(got.Body, got.Header)
}

func TestWHK1SignatureVerifiesWithTheReferenceLibrary(t *testing.T) {
	t.Parallel()
	got := post(t, nil, channeltest.Message(""), time.Now)
	if err := verify(t, current, got); err != nil {
		t.Errorf("the reference library refuses: %v", err)
	}
	if err := verify(t, old, got); err == nil {
		t.Error("another secret verifies as well")
	}
	got.Body[len(got.Body)/2] ^= 1
	if err := verify(t, current, got); err == nil {
		t.Error("a changed body verifies")
	}
	if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Authorization") != "Bearer hdr-987654321" {
		t.Errorf("headers = %v", got.Header)
	}
}

func TestBodySaysWhatHappened(t *testing.T) {
	t.Parallel()
	var body struct {
		Type      string
		Timestamp time.Time
		Data      map[string]any
	}
	m := channeltest.Message("")
	m.Rendered.Title = "a <b> & c"
	got := post(t, nil, m, time.Now)
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	if body.Type != m.Type || !body.Timestamp.Equal(m.CreatedAt) || body.Data["title"] != m.Rendered.Title ||
		body.Data["notification_id"] != m.NotificationID || body.Data["account_id"] != "acc_1" || body.Data["link"] != m.Rendered.Link {
		t.Errorf("body = %s", got.Body)
	}
	if !strings.Contains(string(got.Body), "a <b> & c") {
		t.Errorf("the text is escaped for HTML: %s", got.Body)
	}
}

func TestCloudEventsEnvelope(t *testing.T) {
	t.Parallel()
	got := post(t, func(to *channels.Target) { to.Bot.Values = map[string]string{"envelope": "cloudevents"} }, channeltest.Message(""), time.Now)
	var body map[string]any
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	m := channeltest.Message("")
	if got.Header.Get("Content-Type") != "application/cloudevents+json" || body["specversion"] != "1.0" || body["id"] != m.Key ||
		body["source"] != "/belfry/accounts/acc_1" || body["type"] != m.Type || body["subject"] != m.NotificationID {
		t.Errorf("%s: %s", got.Header.Get("Content-Type"), got.Body)
	}
	if err := verify(t, current, got); err != nil {
		t.Errorf("the reference library refuses: %v", err)
	}
}

// WHK-2: the same webhook-id with a fresh timestamp and signature each time.
func TestWHK2AttemptsShareTheIDOnly(t *testing.T) {
	t.Parallel()
	start := time.Now().Truncate(time.Second)
	first := post(t, nil, channeltest.Message(""), func() time.Time { return start })
	second := post(t, nil, channeltest.Message(""), func() time.Time { return start.Add(5 * time.Second) })
	for _, name := range []string{"Webhook-Timestamp", "Webhook-Signature"} {
		if first.Header.Get(name) == second.Header.Get(name) || first.Header.Get(name) == "" {
			t.Errorf("%s is %q both times", name, first.Header.Get(name))
		}
	}
	if first.Header.Get("Webhook-Id") != second.Header.Get("Webhook-Id") {
		t.Errorf("webhook-id changed from %q to %q", first.Header.Get("Webhook-Id"), second.Header.Get("Webhook-Id"))
	}
}

// WHK-3: both signatures during the overlap, only the new one after it.
func TestWHK3BothSecretsSignDuringTheOverlap(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rotate := func(to *channels.Target) {
		to.Bot.Secrets["secret"] = old
		to.Bot.Settings = to.Bot.Rotate("secret", current, now, now.Add(24*time.Hour))
	}
	during := post(t, rotate, channeltest.Message(""), func() time.Time { return now })
	if n := len(strings.Fields(during.Header.Get("Webhook-Signature"))); n != 2 || verify(t, current, during) != nil || verify(t, old, during) != nil {
		t.Errorf("during the overlap there are %d signatures; both secrets must verify", n)
	}
	after := post(t, rotate, channeltest.Message(""), func() time.Time { return now.Add(24*time.Hour + time.Second) })
	if n := len(strings.Fields(after.Header.Get("Webhook-Signature"))); n != 1 {
		t.Errorf("after the overlap there are %d signatures, want one", n)
	}
}

// WHK-4: gone for good is told apart from what may be repaired.
func TestWHK4GoneSuspendsAndRefusalsAlert(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]channels.Error{
		410: {Class: channels.Misconfigured, Reason: "gone"},
		401: {Class: channels.Retry, Reason: "auth", Alert: true},
		404: {Class: channels.Retry, Reason: "not_found", Alert: true},
		422: {Class: channels.Retry, Reason: "refused", Alert: true},
		500: {Class: channels.Retry, Reason: "server_error"},
	} {
		s := channeltest.NewSink(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "sorry", status) })
		_, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), target(s.URL), channeltest.Message(""))
		if e := channeltest.Failed(t, err); e.Class != want.Class || e.Reason != want.Reason || e.Alert != want.Alert ||
			e.Code != fmt.Sprint(status) || e.Message != "sorry" {
			t.Errorf("%d: %+v, want %v", status, *e, &want)
		}
	}
}

func TestWHK5InternalAddressesAreRefusedWhenSaved(t *testing.T) {
	t.Parallel()
	strict := webhook.New(channels.NewClient(channels.GuardConfig{}), time.Now)
	for _, url := range []string{
		"http://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/", "https://100.100.100.200/", "https://[::1]/",
		"https://example.com:22/", "https://user@example.com/", "http://example.com/",
	} {
		to := channels.Target{Bot: channels.Config{Settings: channels.Settings{Secrets: map[string]string{"url": url, "secret": current}}}}
		var e *models.Error
		if err := channels.Check(strict, to); !errors.As(err, &e) || e.Code != models.CodeInvalid || e.Fields[0].Pointer != "#/secrets/url" {
			t.Errorf("Check(%s) = %v, want validation-failed at the URL", url, err)
		}
	}
	to := channels.Target{Bot: channels.Config{Settings: channels.Settings{Secrets: map[string]string{"url": "https://example.com/x", "secret": current}}}}
	if err := channels.Check(strict, to); err != nil {
		t.Errorf("Check() of a public URL = %v", err)
	}
	to.Provider.Values = map[string]string{"allow_http": "true", "ports": "9443, 10443"}
	to.Bot.Secrets["url"] = "http://example.com:10443/x"
	if err := channels.Check(strict, to); err != nil {
		t.Errorf("Check() of what the operator allowed = %v", err)
	}
}

func TestWHK8BodyIsSmallAndSignedAsReceived(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Rendered.Body = strings.Repeat("告警\"<", 30000)
	got := post(t, nil, m, time.Now)
	var body struct {
		Data struct {
			Body      string
			Truncated bool
			Variables map[string]string
		}
	}
	if err := json.Unmarshal(got.Body, &body); err != nil || len(got.Body) > 20000 || len(got.Body) < 19900 {
		t.Errorf("the body has %d bytes, %v; want just under 20,000", len(got.Body), err)
	}
	if !body.Data.Truncated || !strings.HasSuffix(body.Data.Body, "…") || body.Data.Variables["balance"] != "12.50" {
		t.Errorf("truncated %v, variables %v", body.Data.Truncated, body.Data.Variables)
	}
	if err := verify(t, current, got); err != nil {
		t.Errorf("the reference library refuses: %v", err)
	}
}

// What a message tells of besides keeps its id when its variables have no room.
func TestMergedNotificationsAreNamed(t *testing.T) {
	t.Parallel()
	m := channeltest.Message("")
	m.Merged = []channels.Merged{{NotificationID: "ntf_2", Type: "product.expiry_7", Severity: models.SeverityWarning, Data: map[string]string{"resource_name": "db"}}}
	type merged struct {
		NotificationID string            `json:"notification_id"`
		Type           string            `json:"type"`
		Severity       string            `json:"severity"`
		Variables      map[string]string `json:"variables"`
	}
	read := func(m channels.Message) (all []merged, truncated bool) {
		var body struct {
			Data struct {
				Truncated bool
				Merged    []merged
			}
		}
		got := post(t, nil, m, time.Now)
		if err := json.Unmarshal(got.Body, &body); err != nil || len(got.Body) > 20000 {
			t.Fatalf("the body has %d bytes, %v", len(got.Body), err)
		}
		return body.Data.Merged, body.Data.Truncated
	}
	want := []merged{{"ntf_2", "product.expiry_7", "warning", map[string]string{"resource_name": "db"}}}
	if got, truncated := read(m); !reflect.DeepEqual(got, want) || truncated {
		t.Errorf("merged = %+v, truncated %v; want %+v, whole", got, truncated, want)
	}
	m.Merged[0].Data = map[string]string{"resource_list": strings.Repeat("x", 30000)}
	want[0].Variables = nil
	if got, truncated := read(m); !reflect.DeepEqual(got, want) || !truncated {
		t.Errorf("merged = %+v, truncated %v; want %+v, truncated", got, truncated, want)
	}
}

// An endpoint that finds the body too large gets a short one, once, under the same id.
func TestTooLargeIsShortenedOnce(t *testing.T) {
	t.Parallel()
	var limit int
	s := channeltest.NewSink(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > int64(limit) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})
	m := channeltest.Message("")
	m.Rendered.Body = strings.Repeat("x", 10000)
	sender := newSender(channeltest.Client(t, s.URL))
	limit = 5000
	if _, err := sender.Send(t.Context(), target(s.URL), m); err != nil {
		t.Errorf("Send() = %v, want the short body accepted", err)
	}
	limit = 10
	_, err := sender.Send(t.Context(), target(s.URL), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Permanent || e.Reason != "too_large" {
		t.Errorf("Send() = %v, want permanent: too_large", e)
	}
	got := s.Requests()
	if len(got) != 4 || got[0].Header.Get("Webhook-Id") != got[1].Header.Get("Webhook-Id") {
		t.Errorf("%d requests, want two each under one id", len(got))
	}
}

// Receivers find their own objects again: by the submitter's id, and by the resource.
func TestBodyNamesWhatItsReceiverKnows(t *testing.T) {
	t.Parallel()
	read := func(m channels.Message) map[string]any {
		var body struct{ Data map[string]any }
		if err := json.Unmarshal(post(t, nil, m, time.Now).Body, &body); err != nil {
			t.Fatal(err)
		}
		return body.Data
	}
	m := channeltest.Message("")
	if d := read(m); d["external_id"] != nil || d["resource"] != nil {
		t.Errorf("data = %v; what there is none of is left out", d)
	}
	m.ExternalID = "low-1"
	m.Resource = &channels.Resource{ID: "rsc_1", ExternalID: "rds-1", Name: "orders-db"}
	want := map[string]any{"id": "rsc_1", "external_id": "rds-1", "name": "orders-db"}
	if d := read(m); d["external_id"] != "low-1" || !reflect.DeepEqual(d["resource"], want) {
		t.Errorf("external_id = %v, resource = %v", d["external_id"], d["resource"])
	}
}
