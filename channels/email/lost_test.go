package email_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/internal/flaky"
)

// F26 and F27: the connection ends after some number of bytes, of ours or of the
// server's, all over the exchange. Where the failure says that nothing was accepted,
// the repeat is the only copy; else there is at most one more, under the same id.
func TestConnectionLostAnywhereLeavesOneMailOrAnExplainedCopy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		drop func(*flaky.Line, int)
		step int
	}{
		"what we send":    {(*flaky.Line).DropRequests, 97},
		"what it answers": {(*flaky.Line).DropAnswers, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cuts := 0
			for limit := c.step; ; limit += c.step {
				whole := lose(t, func(l *flaky.Line) { c.drop(l, limit) })
				if whole {
					break
				}
				cuts++
			}
			if cuts == 0 {
				t.Error("the connection never broke")
			}
		})
	}
}

// lose sends a mail over a line that breaks, and once more over one that works. It
// reports whether the first time succeeded.
func lose(t *testing.T, trouble func(*flaky.Line)) bool {
	t.Helper()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	line := flaky.New(t, server.Host+":"+server.Port)
	trouble(line)
	to := target(server)
	_, port, _ := strings.Cut(line.Address(), ":")
	to.Provider.Settings.Values["port"] = port
	sender, m := newSender(t), channeltest.Message("bob@customer.example")
	_, err := sender.Send(t.Context(), to, m)
	if err == nil {
		return true
	}
	e := channeltest.Failed(t, err)
	most := 1
	switch e.Class {
	case channels.Retry:
	case channels.Ambiguous:
		most = 2
	default:
		t.Errorf("Send() = %v, want a failure that is tried again", e)
	}
	line.Heal()
	m.Attempt++
	if _, err := sender.Send(t.Context(), to, m); err != nil {
		t.Fatalf("over the line that works: %v", err)
	}
	if n := len(server.Mails()); n < 1 || n > most {
		t.Errorf("after %v the server has %d mails, want at most %d", e, n, most)
	}
	return false
}
