package email_test

import (
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/deploy/sandbox"
)

// TestTheCatcherTakesMailThatVerifies: a whole mail server, of another maker, in between.
func TestTheCatcherTakesMailThatVerifies(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(t.Context(), sandbox.Config{
		Dir: t.TempDir(), SMTPAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", WebhookSecret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(t.Context()) })
	key := newKey(t, "ed25519")
	host, port, _ := strings.Cut(s.SMTPAddress(), ":")
	to := target(&channeltest.SMTP{Host: host, Port: port}, "dkim_domain", "belfry.example", "dkim_selector", "s1")
	to.Provider.Secrets["dkim_key"] = key.private
	m := channeltest.Message("bob.smith@customer.example")
	m.Typed, m.Optional, m.Unsubscribe = "Bob.Smith@Customer.example", true, "https://belfry.example/u/"+strings.Repeat("token", 60)
	m.Rendered.Subject = "می\u200cخواهم =?utf-8?q?=E2=80=AEevil?="
	if _, err := newSender(t).Send(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	data := raw(t, s.URL()+"/mail/1/raw")
	if got := verify(t, key, data); got.Err != nil {
		t.Errorf("the signature does not verify: %v", got.Err)
	}
	msg, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var words mime.WordDecoder
	if subject, err := words.DecodeHeader(msg.Header.Get("Subject")); subject != m.Rendered.Subject {
		t.Errorf("subject %+q, %v", subject, err)
	}
	if msg.Header.Get("To") != "<Bob.Smith@customer.example>" || msg.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("header %v", msg.Header)
	}
}

func raw(t *testing.T, url string) string {
	t.Helper()
	response, err := new(http.Client).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", response.StatusCode, err)
	}
	return string(body)
}
