// Package channeltest is the conformance suite of all channel adapters, and the
// local fake servers that it runs them against. The names of its tests carry the
// ids of the public cases (docs/channels.md).
package channeltest

import (
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Client returns a guarded client that may reach the servers of a test on this
// machine, with a whole exchange of three seconds.
func Client(t testing.TB, urls ...string) *channels.Client {
	t.Helper()
	cfg := channels.GuardConfig{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true, Timeout: 3 * time.Second,
	}
	for _, each := range urls {
		u, err := url.Parse(each)
		if err != nil {
			t.Fatal(err)
		}
		port, _ := strconv.Atoi(u.Port())
		cfg.Ports = append(cfg.Ports, port)
	}
	c := channels.NewClient(cfg)
	t.Cleanup(c.Close)
	return c
}

// Message returns a message as a worker hands it over, to the address.
func Message(to string) channels.Message {
	return channels.Message{
		Key: "dlv_0190f6d3a1b27c4e8f5a6b7c8d9e0f1a", Attempt: 1, To: to, Type: "account.low_balance", Category: "account",
		Severity: models.SeverityWarning, NotificationID: "ntf_0190f6d3a1b27c4e8f5a6b7c8d9e0f1b", AccountID: "acc_1",
		CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Data: map[string]string{"balance": "12.50"},
		Rendered: models.Rendered{
			Locale: models.LocaleZH, Title: "余额不足", Body: "您的余额为 12.50。", Subject: "余额不足提醒", Text: "您的余额为 12.50。",
			HTML: "<p>您的余额为 12.50。</p>", Short: "余额 12.50，请充值。", Link: "https://console.example.com/billing",
		},
	}
}

// Describe checks that an adapter's descriptor is complete: labels and help in
// every locale, known types, defaults and generated values that pass their own rule.
func Describe(t testing.TB, s channels.Sender) {
	t.Helper()
	d := s.Descriptor()
	if d.Kind == "" || d.Channel == "" || !slices.Contains([]document.Format{document.Mail, document.Short, document.Data, document.Chat}, d.Format) {
		t.Errorf("descriptor of %q lacks kind, channel or a known format", d.Kind)
	}
	translated(t, d.Kind, d.Labels, d.Help)
	addresses(t, d)
	for _, f := range slices.Concat(d.Fields, d.BotFields) {
		translated(t, d.Kind+"."+f.Name, f.Labels, f.Help)
		if !slices.Contains([]string{"string", "text", "int", "bool", "enum", "url", "host", "email", "json", "headers", "pem"}, f.Type) {
			t.Errorf("field %s.%s has the unknown type %q", d.Kind, f.Name, f.Type)
		}
		checkValue(t, d.Kind, f, f.Default)
		if f.Generate == nil {
			continue
		}
		value, err := f.Generate()
		if err != nil || value == "" {
			t.Errorf("Generate() of %s.%s = %q, %v", d.Kind, f.Name, value, err)
		}
		checkValue(t, d.Kind, f, value)
	}
}

// addresses checks what the descriptor says about addresses of contacts: everything for
// channels to people, nothing for others.
func addresses(t testing.TB, d channels.Descriptor) {
	t.Helper()
	kind := d.Address
	if d.WritesToBots() {
		if kind.Form != "" || kind.Normalise != nil {
			t.Errorf("%s writes to bots and has addresses of contacts", d.Kind)
		}
		return
	}
	translated(t, d.Kind+": address", kind.Labels)
	if kind.Form == "" || kind.Normalise == nil {
		t.Fatalf("%s does not say what its addresses are", d.Kind)
	}
	key, code := kind.Normalise(kind.Example)
	if again, _ := kind.Normalise(key); key == "" || code != "" || again != key {
		t.Errorf("%s: its example %q becomes %q (%s), and that %q", d.Kind, kind.Example, key, code, again)
	}
	if _, code := kind.Normalise("\x00"); kind.Refusals[code] == "" {
		t.Errorf("%s has no words for the code %q", d.Kind, code)
	}
}

func translated(t testing.TB, name string, texts ...map[models.Locale]string) {
	t.Helper()
	for _, each := range texts {
		if each[models.LocaleZH] == "" || each[models.LocaleEN] == "" {
			t.Errorf("%s has a text that is not in every locale: %v", name, each)
		}
	}
}

// checkValue checks a value of a field by the descriptor's own rules.
func checkValue(t testing.TB, kind string, f channels.Field, value string) {
	t.Helper()
	if value == "" {
		return
	}
	s := channels.Settings{Values: map[string]string{f.Name: value}}
	if f.Secret {
		s = channels.Settings{Secrets: map[string]string{f.Name: value}}
	}
	if problems := (channels.Descriptor{Fields: []channels.Field{f}}).CheckProvider(s); len(problems) > 0 {
		t.Errorf("%s.%s: its own value %q is refused: %v", kind, f.Name, value, problems)
	}
}

// Failed returns a failure as an Error; anything else fails the test.
func Failed(t testing.TB, err error) *channels.Error {
	t.Helper()
	var e *channels.Error
	if !errors.As(err, &e) {
		t.Fatalf("Send() = %v (%T), want *channels.Error", err, err)
	}
	return e
}

// Hides fails the test when the failure or the receipt holds one of the secrets.
func Hides(t testing.TB, outcome any, secrets []string) {
	t.Helper()
	text, err := json.Marshal(outcome)
	if err != nil {
		t.Fatal(err)
	}
	if e, ok := outcome.(*channels.Error); ok {
		text = append(text, e.Error()...)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(string(text), secret) {
			t.Errorf("COM-7: %q stands in the outcome %s", secret, text)
		}
	}
}
