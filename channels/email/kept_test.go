package email_test

import (
	"sync/atomic"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
)

// first scripts what the server says to the second message of its first connection.
func first(verb, reply string) channeltest.SMTPScript {
	seen := 0
	return channeltest.SMTPScript{Extensions: []string{"ENHANCEDSTATUSCODES"}, Reply: func(session int, v, _ string) string {
		if session != 1 || v != verb {
			return ""
		}
		if seen++; seen > 1 || verb == "RSET" {
			return reply
		}
		return ""
	}}
}

// TestWhatIsSaidToAKeptConnectionCostsNoTry: the server's limits per connection, its restart
// and the end of an idle connection say nothing of the message that comes next.
func TestWhatIsSaidToAKeptConnectionCostsNoTry(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"RSET", "421 4.3.2 closingCLOSE"},
		{"RSET", "CLOSE"},
		{"RSET", "503 not now"},
		{"MAIL", "421 4.4.2 idle for too longCLOSE"},
		{"MAIL", "421 4.7.0 too many messages"},
		{"MAIL", "CLOSE"},
		{"MAIL", "452 4.5.3 too many messages on this connection"},
		{"MAIL", "450 4.7.1 slow down"},
		{"MAIL", "550 5.7.1 session limit"},
		{"RCPT", "421 4.3.2 closingCLOSE"},
		{"RCPT", "452 4.5.3 too many recipients"},
		{"RCPT", "451 4.7.1 per connection"},
		{"RCPT", "554 5.7.0 limit"},
		{"RCPT", "550 too many recipients in this session"},
		{"RCPT", "552 too many recipients"},
		{"RCPT", "553 5.7.1 one message per connection"},
		{"RCPT", "451 4.2.2 session quota"},
		{"RCPT", "CLOSE"},
		{"DATA", "421 closingCLOSE"},
		{"DATA", "451 4.3.0 later"},
		{"DATA", "554 5.5.1 no"},
		{"DATA", "CLOSE"},
	} {
		t.Run(c[0]+" "+c[1], func(t *testing.T) {
			t.Parallel()
			server := channeltest.NewSMTP(t, first(c[0], c[1]))
			sender, m := newSender(t), channeltest.Message("bob@customer.example")
			for i := range 2 {
				if _, err := sender.Send(t.Context(), target(server), m); err != nil {
					t.Fatalf("message %d: %v", i+1, err)
				}
			}
			if n := len(server.Mails()); n != 2 || server.Sessions() != 2 {
				t.Errorf("%d mails over %d connections, want two over two", n, server.Sessions())
			}
		})
	}
}

// A new connection's answer counts: nothing is tried a third time.
func TestTheSecondConnectionsAnswerCounts(t *testing.T) {
	t.Parallel()
	var taken atomic.Bool
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(_ int, verb, _ string) string {
		switch {
		case verb == "END":
			taken.Store(true)
		case verb == "MAIL" && taken.Load():
			return "421 4.3.2 closingCLOSE"
		}
		return ""
	}})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	if _, err := sender.Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	_, err := sender.Send(t.Context(), target(server), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Retry || server.Sessions() != 2 {
		t.Errorf("Send() = %v over %d connections, want retry over two", e, server.Sessions())
	}
}

// What a kept connection says of the recipient is as true on another.
func TestUnknownRecipientsCostNoConnection(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]string{"550 5.1.1 nobody": "recipient_invalid", "552 5.2.2 full": "mailbox_full"} {
		server := channeltest.NewSMTP(t, first("RCPT", reply))
		sender, m := newSender(t), channeltest.Message("bob@customer.example")
		if _, err := sender.Send(t.Context(), target(server), m); err != nil {
			t.Fatal(err)
		}
		_, err := sender.Send(t.Context(), target(server), m)
		if e := channeltest.Failed(t, err); e.Reason != want || server.Sessions() != 1 {
			t.Errorf("%s: Send() = %v over %d connections, want %s over one", reply, e, server.Sessions(), want)
		}
	}
}

// A recipient that the second connection knows nothing of either is invalid, without a third.
func TestABareRefusalOfTheRecipientCountsOnANewConnection(t *testing.T) {
	t.Parallel()
	var taken atomic.Bool
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(_ int, verb, _ string) string {
		switch {
		case verb == "END":
			taken.Store(true)
		case verb == "RCPT" && taken.Load():
			return "550 no such user"
		}
		return ""
	}})
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	if _, err := sender.Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	_, err := sender.Send(t.Context(), target(server), m)
	if e := channeltest.Failed(t, err); e.Reason != "recipient_invalid" || server.Sessions() != 2 {
		t.Errorf("Send() = %v over %d connections, want recipient_invalid over two", e, server.Sessions())
	}
}

// Once the final dot is on its way, nobody knows whether the server has the message.
func TestAHandedOverMessageIsNotSentTwice(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, first("END", "CLOSE"))
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	if _, err := sender.Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	_, err := sender.Send(t.Context(), target(server), m)
	if e := channeltest.Failed(t, err); e.Class != channels.Ambiguous || server.Sessions() != 1 {
		t.Errorf("Send() = %v over %d connections, want ambiguous over one", e, server.Sessions())
	}
}

// A firewall that forgot the connection swallows what is said on it.
func TestASilentKeptConnectionIsGivenUp(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, first("RSET", "HANG"))
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	to := target(server, "timeout_seconds", "15")
	for i := range 2 {
		if _, err := sender.Send(t.Context(), to, m); err != nil {
			t.Fatalf("message %d: %v", i+1, err)
		}
	}
}
