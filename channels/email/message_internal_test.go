package email

import (
	"bytes"
	"net/mail"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
)

// known are all headers that a message may have.
var known = map[string]bool{
	"From": true, "To": true, "Subject": true, "Date": true, "Message-Id": true, "Mime-Version": true, "Content-Type": true,
	"Precedence": true, "X-Auto-Response-Suppress": true, "Auto-Submitted": true, "X-Belfry-Delivery-Id": true,
	"List-Unsubscribe": true, "List-Unsubscribe-Post": true, "Content-Transfer-Encoding": true,
}

// FuzzMessageBuild: whatever the texts are, there is one block of known headers,
// one recipient and a stable Message-ID.
func FuzzMessageBuild(f *testing.F) {
	f.Add("subject", "name", "text", "https://example.com/u/x", "bob@example.com")
	f.Add("a\r\nBcc: evil@example.com", "b\r\n\r\n", "\r\n.\r\n", "https://x/\r\nX: y", "a@b\r\nc")
	f.Add("\u2028\x00\xff", "=?utf-8?q?x?=", "\u202e", "http://", "\"a b\"@example.com")
	f.Fuzz(func(t *testing.T, subject, name, text, link, to string) {
		target := channels.Target{Provider: channels.Config{Settings: channels.Settings{
			Values: map[string]string{"from": "no-reply@belfry.example", "from_name": name},
		}}}
		m := channeltest.Message(to)
		m.Rendered.Subject, m.Rendered.Text, m.Rendered.HTML, m.Unsubscribe = subject, text, text, link
		got, err := compose(target, m, "belfry.example", m.CreatedAt)
		if err != nil {
			return
		}
		msg, err := mail.ReadMessage(bytes.NewReader(got.content))
		if err != nil {
			t.Fatalf("unreadable: %v", err)
		}
		for header, values := range msg.Header {
			if !known[header] || len(values) != 1 {
				t.Fatalf("header %q: %q", header, values)
			}
		}
		if id := msg.Header.Get("Message-Id"); id != "<"+m.Key+"@belfry.example>" {
			t.Fatalf("Message-ID %q", id)
		}
		if list, err := msg.Header.AddressList("To"); err != nil || len(list) != 1 || list[0].Address != got.to {
			t.Fatalf("To: %v, %v, envelope %q", list, err, got.to)
		}
	})
}
