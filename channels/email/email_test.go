package email_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/channels/email"
)

const password = "pass-canary-123"

var sent = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func newSender(t *testing.T) *email.Sender {
	t.Helper()
	s := email.New(email.Config{Client: channeltest.Client(t), Domain: "belfry.example", Now: func() time.Time { return sent }})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// target leads to the server, with the settings changed by pairs of name and value.
func target(s *channeltest.SMTP, pairs ...string) channels.Target {
	values := map[string]string{"host": s.Host, "port": s.Port, "tls": "none", "from": "no-reply@belfry.example", "from_name": "云消息中心", "timeout_seconds": "3"}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return channels.Target{Provider: channels.Config{ID: "pvd_1", Version: 1, Settings: channels.Settings{
		Values: values, Secrets: map[string]string{"password": password},
	}}}
}

// at scripts one answer of the server, for every connection.
func at(verb, reply string) channeltest.SMTPScript {
	return channeltest.SMTPScript{Extensions: []string{"ENHANCEDSTATUSCODES", "8BITMIME"}, Reply: func(_ int, v, _ string) string {
		if v == verb {
			return reply
		}
		return ""
	}}
}

func send(t *testing.T, script channeltest.SMTPScript, attempt int) (*channeltest.SMTP, channels.Receipt, error) {
	t.Helper()
	server := channeltest.NewSMTP(t, script)
	m := channeltest.Message("bob@customer.example")
	m.Attempt = attempt
	receipt, err := newSender(t).Send(t.Context(), target(server), m)
	return server, receipt, err
}

func TestDescriptor(t *testing.T) {
	t.Parallel()
	channeltest.Describe(t, newSender(t))
}

// TestReplies is the table of docs/channels.md#smtp-replies.
func TestReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verb, reply, want string
		attempt           int
	}{
		{"GREETING", "421 busy", "retry: server_busy (421)", 1},
		{"GREETING", "450 later", "retry: server_busy (450)", 1},
		{"GREETING", "554 go away", "retry: server_refuses_us (554)", 2},
		{"GREETING", "554 go away", "misconfigured: server_refuses_us (554)", 3},
		{"GREETING", "CLOSE", "retry: connection_lost", 1},
		{"GREETING", "SSH-2.0-OpenSSHCLOSE", "retry: connection_lost", 1},
		{"GREETING", "HANG", "retry: timeout", 1},
		{"GREETING", "FLOOD", "retry: connection_lost", 1},
		{"MAIL", "451 4.3.0 later", "retry: server_busy (451 4.3.0)", 1},
		{"MAIL", "550 5.7.1 not you", "misconfigured: sender_rejected (550 5.7.1)", 1},
		{"MAIL", "553 bad sender", "misconfigured: sender_rejected (553)", 1},
		{"MAIL", "530 5.7.0 sign in", "misconfigured: auth (530 5.7.0)", 1},
		{"MAIL", "552 5.3.4 size", "permanent: too_large (552 5.3.4)", 1},
		{"RCPT", "450 4.2.0 greylisted", "retry: recipient_busy (450 4.2.0)", 1},
		{"RCPT", "451 later", "retry: recipient_busy (451)", 1},
		{"RCPT", "452 4.2.2 full now", "retry: recipient_busy (452 4.2.2)", 1},
		{"RCPT", "421 4.3.2 closing", "retry: server_busy (421 4.3.2)", 1},
		{"RCPT", "550 5.1.1 nobody", "permanent: recipient_invalid (550 5.1.1)", 1},
		{"RCPT", "553 5.1.3 syntax", "permanent: recipient_invalid (553 5.1.3)", 1},
		{"RCPT", "550 5.1.6 moved", "permanent: recipient_invalid (550 5.1.6)", 1},
		{"RCPT", "550 no such user", "permanent: recipient_invalid (550)", 1},
		{"RCPT", "550 5.7.1 blocked", "permanent: policy (550 5.7.1)", 1},
		{"RCPT", "554 5.7.1 blocked", "permanent: policy (554 5.7.1)", 1},
		{"RCPT", "554 denied", "permanent: policy (554)", 1},
		{"RCPT", "552 5.2.2 full", "permanent: mailbox_full (552 5.2.2)", 1},
		{"RCPT", "550 5.2.2 full", "permanent: mailbox_full (550 5.2.2)", 1},
		{"DATA", "451 later", "retry: server_busy (451)", 1},
		{"DATA", "554 no", "permanent: content_rejected (554)", 1},
		{"END", "451 4.3.0 later", "retry: server_busy (451 4.3.0)", 1},
		{"END", "552 too big", "permanent: too_large (552)", 1},
		{"END", "554 5.3.4 too big", "permanent: too_large (554 5.3.4)", 1},
		{"END", "550 5.2.3 too big", "permanent: too_large (550 5.2.3)", 1},
		{"END", "554 5.6.0 bad", "permanent: content_rejected (554 5.6.0)", 1},
		{"END", "550 5.7.1 spam", "permanent: content_rejected (550 5.7.1)", 1},
		{"END", "CLOSE", "ambiguous: connection_lost", 1},
		{"END", "HANG", "ambiguous: timeout", 1},
		{"END", "no reply at allCLOSE", "ambiguous: connection_lost", 1},
		{"DATA", "CLOSE", "retry: connection_lost", 1},
		{"DATA", "HANG", "retry: timeout", 1},
	} {
		t.Run(c.verb+" "+c.reply, func(t *testing.T) {
			t.Parallel()
			_, _, err := send(t, at(c.verb, c.reply), c.attempt)
			if e := channeltest.Failed(t, err); e.Error() != c.want {
				t.Errorf("Send() = %q, want %q", e.Error(), c.want)
			}
		})
	}
}

func TestEML1UnknownRecipientIsPermanent(t *testing.T) {
	t.Parallel()
	server, _, err := send(t, at("RCPT", "550 5.1.1 <bob@customer.example>: no such user"), 1)
	e := channeltest.Failed(t, err)
	if e.Class != channels.Permanent || e.Reason != "recipient_invalid" || len(server.Mails()) != 0 {
		t.Errorf("Send() = %+v", *e)
	}
	channeltest.Hides(t, e, []string{"bob@customer.example", password})
}

func TestEML2DeferredRecipientWaitsAMinuteThenGetsOneMail(t *testing.T) {
	t.Parallel()
	var deferred sync.Once
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(_ int, verb, _ string) (reply string) {
		if verb == "RCPT" {
			deferred.Do(func() { reply = "450 4.2.0 greylisted" })
		}
		return reply
	}})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	_, err := sender.Send(t.Context(), target(server), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Retry || e.Wait < time.Minute {
		t.Errorf("Send() = %+v, want retry after at least a minute", *e)
	}
	if _, err := sender.Send(t.Context(), target(server), m); err != nil || len(server.Mails()) != 1 || server.Sessions() != 1 {
		t.Errorf("second attempt: %v with %d mails over %d connections, want one of each", err, len(server.Mails()), server.Sessions())
	}
}

func TestEML3BusyGreetingsAreRetried(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(session int, verb, _ string) string {
		if verb == "GREETING" && session <= 3 {
			return "421 too many connections"
		}
		return ""
	}})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	for m.Attempt = 1; m.Attempt <= 3; m.Attempt++ {
		_, err := sender.Send(t.Context(), target(server), m)
		if e := channeltest.Failed(t, err); e.Class != channels.Retry {
			t.Errorf("attempt %d: %v, want retry", m.Attempt, e)
		}
	}
	if _, err := sender.Send(t.Context(), target(server), m); err != nil {
		t.Errorf("fourth attempt: %v, want accepted", err)
	}
}

func TestEML4RefusedCredentialsAreMisconfigured(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{
		Extensions: []string{"STARTTLS", "AUTH PLAIN LOGIN"},
		Reply: func(_ int, verb, line string) string {
			if verb == "AUTH" {
				return "535 5.7.8 refused: " + line
			}
			return ""
		},
	})
	for _, mechanism := range []string{"auto", "plain", "login"} {
		to := target(server, "tls", "starttls", "ca", server.CA, "username", "relay-user", "auth", mechanism)
		_, err := newSender(t).Send(t.Context(), to, channeltest.Message("bob@customer.example"))
		e := channeltest.Failed(t, err)
		if e.Class != channels.Misconfigured || e.Reason != "auth" || e.Code != "535 5.7.8" {
			t.Errorf("%s: Send() = %+v, want misconfigured: auth", mechanism, *e)
		}
		channeltest.Hides(t, e, []string{password, "AHJlbGF5LXVzZXIAcGFzcy1jYW5hcnktMTIz"})
	}
	busy := channeltest.NewSMTP(t, channeltest.SMTPScript{Extensions: []string{"STARTTLS", "AUTH PLAIN"}, Reply: at("AUTH", "454 4.7.0 later").Reply})
	_, err := newSender(t).Send(t.Context(), target(busy, "tls", "starttls", "ca", busy.CA, "username", "u"), channeltest.Message("bob@customer.example"))
	if e := channeltest.Failed(t, err); e.Class != channels.Retry {
		t.Errorf("454: Send() = %v, want retry", e)
	}
}

func TestEML5WithoutSTARTTLSNothingIsSent(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Extensions: []string{"AUTH PLAIN LOGIN"}})
	_, err := newSender(t).Send(t.Context(), target(server, "tls", "starttls", "username", "u"), channeltest.Message("bob@customer.example"))
	if e := channeltest.Failed(t, err); e.Class != channels.Misconfigured || e.Reason != "tls" {
		t.Errorf("Send() = %v, want misconfigured: tls", e)
	}
	if got := strings.Join(server.Commands(), " "); strings.Contains(got, "AUTH") || strings.Contains(got, "MAIL") {
		t.Errorf("the client said %s", got)
	}
}

func TestEML6TooLargeIsPermanent(t *testing.T) {
	t.Parallel()
	_, _, err := send(t, at("END", "552 5.3.4 message too big"), 1)
	if e := channeltest.Failed(t, err); e.Class != channels.Permanent || e.Reason != "too_large" {
		t.Errorf("Send() = %v, want permanent: too_large", e)
	}
}

func TestPasswordsNeverGoUnencrypted(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Extensions: []string{"AUTH PLAIN LOGIN XOAUTH2"}})
	for _, mechanism := range []string{"auto", "plain", "login", "xoauth2"} {
		_, err := newSender(t).Send(t.Context(), target(server, "username", "u", "auth", mechanism), channeltest.Message("bob@customer.example"))
		if e := channeltest.Failed(t, err); e.Class != channels.Misconfigured || e.Reason != "auth" {
			t.Errorf("%s: Send() = %v, want misconfigured: auth", mechanism, e)
		}
	}
	if got := strings.Join(server.Commands(), " "); strings.Contains(got, "AUTH") {
		t.Errorf("the client said %s", got)
	}
}

func TestEncryptionAndCertificates(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"starttls", "implicit"} {
		server := channeltest.NewSMTP(t, channeltest.SMTPScript{Implicit: mode == "implicit", Extensions: []string{"STARTTLS", "AUTH PLAIN"}})
		m := channeltest.Message("bob@customer.example")
		if _, err := newSender(t).Send(t.Context(), target(server, "tls", mode, "ca", server.CA, "username", "u"), m); err != nil {
			t.Errorf("%s: Send() = %v", mode, err)
		}
		if mails := server.Mails(); len(mails) != 1 || !mails[0].TLS {
			t.Errorf("%s: mails = %+v, want one over TLS", mode, mails)
		}
		_, err := newSender(t).Send(t.Context(), target(server, "tls", mode), m)
		if e := channeltest.Failed(t, err); e.Class != channels.Retry || e.Reason != "tls" || !e.Alert {
			t.Errorf("%s: unknown CA: %v, want retry: tls with an alert", mode, e)
		}
		_, err = newSender(t).Send(t.Context(), target(server, "tls", mode, "ca", server.CA, "tls_server_name", "other.example"), m)
		if e := channeltest.Failed(t, err); e.Reason != "tls" {
			t.Errorf("%s: wrong name: %v, want tls", mode, e)
		}
	}
}

func TestEML11RecipientsAreApart(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(_ int, verb, line string) string {
		if verb == "RCPT" && strings.Contains(line, "gone@") {
			return "550 5.1.1 nobody"
		}
		return ""
	}})
	sender := newSender(t)
	if _, err := sender.Send(t.Context(), target(server), channeltest.Message("gone@customer.example")); err == nil {
		t.Error("the refused recipient was accepted")
	}
	if _, err := sender.Send(t.Context(), target(server), channeltest.Message("bob@customer.example")); err != nil {
		t.Errorf("the other recipient: %v", err)
	}
	if mails := server.Mails(); len(mails) != 1 || strings.Contains(mails[0].Data, "gone@") {
		t.Errorf("mails %+v", mails)
	}
}

func TestEML12ConnectionLostAfter250IsAccepted(t *testing.T) {
	t.Parallel()
	server, receipt, err := send(t, at("END", "250 2.0.0 queued as Q1CLOSE"), 1)
	if err != nil || receipt.Class != channels.Accepted || len(server.Mails()) != 1 {
		t.Errorf("Send() = %+v, %v with %d mails, want accepted and one", receipt, err, len(server.Mails()))
	}
	server, _, err = send(t, at("RSET", "500 no"), 1)
	if err != nil || len(server.Mails()) != 1 {
		t.Errorf("RSET refused: %v with %d mails", err, len(server.Mails()))
	}
}

// F27: when the last answer is lost, the repeat carries the same Message-ID.
func TestRepeatAfterUnknownOutcomeHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(session int, verb, _ string) string {
		if session == 1 && verb == "END" {
			return "CLOSE"
		}
		return ""
	}})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	_, err := sender.Send(t.Context(), target(server), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Ambiguous || !sender.Descriptor().Repeatable {
		t.Errorf("Send() = %v, want ambiguous on a repeatable channel", e)
	}
	m.Attempt++
	if _, err := sender.Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	mails := server.Mails()
	if len(mails) != 2 || !strings.Contains(mails[0].Data, "<"+m.Key+"@belfry.example>") || !strings.Contains(mails[1].Data, "<"+m.Key+"@belfry.example>") {
		t.Errorf("%d copies, want two with one Message-ID", len(mails))
	}
}

func TestConnectionsAreReusedAndReplaced(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(session int, verb, _ string) string {
		if session == 2 && verb == "RSET" {
			return "421 closing for today"
		}
		return ""
	}})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	to := target(server)
	post := func(want int) {
		t.Helper()
		if _, err := sender.Send(t.Context(), to, m); err != nil || server.Sessions() != want {
			t.Errorf("Send() = %v over %d connections so far, want %d", err, server.Sessions(), want)
		}
	}
	post(1)
	post(1)
	to.Provider.Version = 2 // new settings: a connection of their own
	post(2)
	post(3) // the server gave up the kept one: noticed before anything is sent
	to.Provider.ID = ""
	post(4)
	post(5) // settings that are only tried keep nothing
	if n := len(server.Mails()); n != 6 {
		t.Errorf("%d mails, want 6", n)
	}
}

func TestParallelMessagesShareAFewConnections(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if _, err := sender.Send(t.Context(), target(server, "connections", "3", "timeout_seconds", "10"), m); err != nil {
				t.Errorf("Send() = %v", err)
			}
		})
	}
	wg.Wait()
	if len(server.Mails()) != 40 || server.Sessions() > 3 {
		t.Errorf("%d mails over %d connections, want 40 over at most 3", len(server.Mails()), server.Sessions())
	}
}

// COM-6 and F28: a tarpit holds nobody longer than the time allowed, and no
// other destination at all.
func TestCOM6TarpitIsBoundByTheDeadline(t *testing.T) {
	t.Parallel()
	tarpit := channeltest.NewSMTP(t, at("MAIL", "HANG"))
	quick := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := sender.Send(ctx, target(tarpit, "timeout_seconds", "30"), m)
		failed <- err
	}()
	other := target(quick)
	other.Provider.ID = "pvd_2"
	if _, err := sender.Send(t.Context(), other, m); err != nil {
		t.Errorf("another destination is affected: %v", err)
	}
	if e := channeltest.Failed(t, <-failed); e.Class != channels.Retry || e.Reason != "timeout" {
		t.Errorf("Send() = %v, want retry: timeout", e)
	}
}

// COM-7: a server that repeats what it heard puts no secret into an outcome.
func TestCOM7NoSecretInOutcomes(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"GREETING", "MAIL", "RCPT", "DATA", "END"} {
		_, _, err := send(t, at(verb, "554 5.7.1 we heard "+password+" of bob@customer.example"), 1)
		channeltest.Hides(t, channeltest.Failed(t, err), []string{password, "bob@customer.example"})
	}
	_, receipt, err := send(t, at("END", "250 ok "+password), 1)
	if err != nil {
		t.Fatal(err)
	}
	channeltest.Hides(t, receipt, []string{password})
}

func TestUnreachableServers(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	_, err := newSender(t).Send(t.Context(), target(server, "port", "1"), channeltest.Message("bob@customer.example"))
	if e := channeltest.Failed(t, err); e.Class != channels.Retry || e.Reason != "connect" {
		t.Errorf("refused: %v, want retry: connect", e)
	}
	_, err = newSender(t).Send(t.Context(), target(server, "host", "169.254.169.254"), channeltest.Message("bob@customer.example"))
	if e := channeltest.Failed(t, err); e.Class != channels.Misconfigured || e.Reason != "blocked_address" {
		t.Errorf("metadata: %v, want misconfigured: blocked_address", e)
	}
}
