package email_test

import (
	"mime"
	"net/mail"
	"strings"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
)

// mailed sends the message and returns the mail as it came over the line.
func mailed(t *testing.T, to func(*channeltest.SMTP) channels.Target, change func(*channels.Message)) (string, *mail.Message) {
	t.Helper()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	m := channeltest.Message("bob@customer.example")
	change(&m)
	if _, err := newSender(t).Send(t.Context(), to(server), m); err != nil {
		t.Fatal(err)
	}
	data := server.Mails()[0].Data
	msg, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return data, msg
}

func plainTarget(s *channeltest.SMTP) channels.Target { return target(s) }

// TestSubjectsDecodeToWhatWasMeant: what a mail program shows is the sanitised text, and
// what somebody wrote as an encoded word is text, too.
func TestSubjectsDecodeToWhatWasMeant(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"Disk full":                                  "Disk full",
		"余额不足提醒":                                     "余额不足提醒",
		"می\u200cخواهم":                              "می\u200cخواهم",
		"family 👨\u200d👩\u200d👧":                     "family 👨\u200d👩\u200d👧",
		"=?utf-8?q?=E2=80=AEevil?=":                  "=?utf-8?q?=E2=80=AEevil?=",
		"=?UTF-8?B?4oCu?= 磁盘":                        "=?UTF-8?B?4oCu?= 磁盘",
		"a =?utf-8?q?=0D=0ABcc:_evil@x.example?=":    "a =?utf-8?q?=0D=0ABcc:_evil@x.example?=",
		"=?iso-8859-1?q?=E9?= =?utf-8?q?=E2=80=8B?=": "=?iso-8859-1?q?=E9?= =?utf-8?q?=E2=80=8B?=",
		"=?us-ascii*en?q?hi?=":                       "=?us-ascii*en?q?hi?=",
		"half =?utf-8?q?":                            "half =?utf-8?q?",
		"a\u202eb\r\nBcc: c":                         "ab Bcc: c",
		strings.Repeat("word ", 39) + "end":          strings.Repeat("word ", 39) + "end",
		strings.Repeat("告警", 90):                     strings.Repeat("告警", 90),
		strings.Repeat("x", 195) + "👨\u200d👩\u200d👧\u200d👦": strings.Repeat("x", 195) + "…",
	} {
		data, msg := mailed(t, plainTarget, func(m *channels.Message) { m.Rendered.Subject = subject })
		var words mime.WordDecoder
		got, err := words.DecodeHeader(msg.Header.Get("Subject"))
		if err != nil || got != want {
			t.Errorf("subject %+q is shown as %+q, %v, want %+q", subject, got, err, want)
		}
		tidy(t, data)
	}
}

func TestNamesDecodeToWhatWasMeant(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Belfry":                           "Belfry",
		"云消息中心":                            "云消息中心",
		"شرکت می\u200cسازد":                "شرکت می\u200cسازد",
		"=?utf-8?q?=E2=80=AEevil?=":        "=?utf-8?q?=E2=80=AEevil?=",
		`Smith, "Bob" \ Co. <x@y.example>`: `Smith, "Bob" \ Co. <x@y.example>`,
		"a\r\nBcc: b\u200b@c.example":      "a Bcc: b@c.example",
		strings.Repeat("名", 100):           strings.Repeat("名", 100),
	} {
		data, msg := mailed(t, func(s *channeltest.SMTP) channels.Target { return target(s, "from_name", name) }, func(*channels.Message) {})
		from, err := msg.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != want || from[0].Address != "no-reply@belfry.example" {
			t.Errorf("name %+q is shown as %v, %v, want %+q", name, from, err, want)
		}
		tidy(t, data)
	}
}

// tidy fails the test where a field of the header begins with an empty line, or where an
// encoded word stands on a line that is too long. The server gives lines without CR.
func tidy(t *testing.T, data string) {
	t.Helper()
	header, _, _ := strings.Cut(data, "\n\n")
	for line := range strings.SplitSeq(header, "\n") {
		if strings.HasSuffix(strings.TrimRight(line, " \t"), ":") || strings.TrimSpace(line) == "" {
			t.Errorf("a field begins with an empty line: %q", line)
		}
		if len(line) > 998 || strings.Contains(line, "=?") && len(line) > 76 {
			t.Errorf("a line has %d bytes: %q", len(line), line)
		}
	}
}

func TestNoFieldBeginsWithAnEmptyLine(t *testing.T) {
	t.Parallel()
	domain := strings.Repeat("d", 63) + "." + strings.Repeat("e", 63) + ".example"
	data, msg := mailed(t, func(s *channeltest.SMTP) channels.Target {
		return target(s, "from", strings.Repeat("f", 60)+"@"+domain, "reply_to", strings.Repeat("r", 60)+"@"+domain, "from_name", strings.Repeat("long", 25))
	}, func(m *channels.Message) {
		m.To, m.Optional, m.Unsubscribe = strings.Repeat("t", 60)+"@"+domain, true, "https://belfry.example/u/"+strings.Repeat("token", 100)
		m.Rendered.Subject = strings.Repeat("unbroken", 20)
	})
	tidy(t, data)
	if !strings.Contains(data, "\nList-Unsubscribe: <https://belfry.example/u/"+strings.Repeat("token", 100)+">\n") {
		t.Error("List-Unsubscribe is not on one line")
	}
	if got := msg.Header.Get("Subject"); got != strings.Repeat("unbroken", 20) {
		t.Errorf("subject %q", got)
	}
}

// Some servers tell upper from lower case before the "@".
func TestMailGoesToTheAddressAsItWasTyped(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Bob.Smith@Customer.EXAMPLE": "Bob.Smith@customer.example", "": "bob.smith@customer.example",
		"eve@other.example": "bob.smith@customer.example", "Bob.Smith@customer.example>\r\nX: y": "bob.smith@customer.example",
	} {
		server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
		m := channeltest.Message("bob.smith@customer.example")
		m.Typed = typed
		if _, err := newSender(t).Send(t.Context(), target(server), m); err != nil {
			t.Fatal(err)
		}
		if got := server.Mails()[0]; got.To != want || !strings.Contains(got.Data, "\nTo: <"+want+">\n") {
			t.Errorf("typed %q, it went to %q, want %q", typed, got.To, want)
		}
	}
}
