package email_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
)

// parts reads a multipart/alternative mail.
func parts(t *testing.T, data string) (*mail.Message, map[string]string, []string) {
	t.Helper()
	msg, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	found, order := map[string]string{}, []string{}
	for r := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return msg, found, order
		}
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(quotedprintable.NewReader(part))
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		found[kind], order = string(body), append(order, kind)
	}
}

func TestEML7MessageHasBothPartsAndAllHeaders(t *testing.T) {
	t.Parallel()
	server, receipt, err := send(t, channeltest.SMTPScript{}, 1)
	if err != nil || receipt.Class != channels.Accepted || receipt.Ref != "FAKE1" || receipt.Code != "250" {
		t.Fatalf("Send() = %+v, %v", receipt, err)
	}
	got := server.Mails()[0]
	if got.From != "no-reply@belfry.example" || got.To != "bob@customer.example" {
		t.Errorf("envelope from %q to %q", got.From, got.To)
	}
	msg, texts, order := parts(t, got.Data)
	m := channeltest.Message("")
	if strings.Join(order, " ") != "text/plain text/html" || texts["text/plain"] != m.Rendered.Text || texts["text/html"] != m.Rendered.HTML {
		t.Errorf("parts %v: %q", order, texts)
	}
	var words mime.WordDecoder
	if subject, _ := words.DecodeHeader(msg.Header.Get("Subject")); subject != m.Rendered.Subject {
		t.Errorf("subject %q, want %q", subject, m.Rendered.Subject)
	}
	from, err := msg.Header.AddressList("From")
	if err != nil || from[0].Name != "云消息中心" || from[0].Address != "no-reply@belfry.example" {
		t.Errorf("from %v, %v", from, err)
	}
	if date, err := msg.Header.Date(); err != nil || !date.Equal(sent) {
		t.Errorf("date %v, %v", date, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<" + m.Key + "@belfry.example>", "To": "<bob@customer.example>", "Auto-Submitted": "auto-generated",
		"X-Belfry-Delivery-Id": m.Key, "Mime-Version": "1.0", "Precedence": "", "User-Agent": "", "X-Mailer": "",
	} {
		if got := msg.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestTextPartExistsEvenWithoutText(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	m := channeltest.Message("bob@customer.example")
	m.Rendered.Text = ""
	if _, err := newSender(t).Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	if _, texts, _ := parts(t, server.Mails()[0].Data); !strings.Contains(texts["text/plain"], m.Rendered.Body) {
		t.Errorf("text part %q", texts["text/plain"])
	}
}

func headers(t *testing.T, change func(*channels.Message)) mail.Header {
	t.Helper()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	m := channeltest.Message("bob@customer.example")
	change(&m)
	if _, err := newSender(t).Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	if n := len(server.Mails()); n != 1 {
		t.Fatalf("%d mails", n)
	}
	msg, err := mail.ReadMessage(strings.NewReader(server.Mails()[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	return msg.Header
}

func TestEML8OptionalMailOffersToUnsubscribe(t *testing.T) {
	t.Parallel()
	link := "https://belfry.example/u/" + strings.Repeat("token", 30)
	got := headers(t, func(m *channels.Message) { m.Optional, m.Unsubscribe = true, link })
	if got.Get("List-Unsubscribe") != "<"+link+">" || got.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("headers %q, %q", got.Get("List-Unsubscribe"), got.Get("List-Unsubscribe-Post"))
	}
	if got.Get("Precedence") != "bulk" {
		t.Errorf("Precedence %q: optional mail is bulk", got.Get("Precedence"))
	}
}

func TestEML9MandatoryMailNeverDoes(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*channels.Message){
		func(*channels.Message) {},
		func(m *channels.Message) { m.Unsubscribe = "https://belfry.example/u/token" },
		func(m *channels.Message) {
			m.Optional, m.Unsubscribe = true, "https://belfry.example/u/\r\nBcc: evil@example.com"
		},
		func(m *channels.Message) { m.Optional, m.Unsubscribe = true, "mailto:x@example.com" },
		func(m *channels.Message) { m.Optional, m.Unsubscribe = true, "http://belfry.example/u/token" },
	} {
		if got := headers(t, change); got.Get("List-Unsubscribe") != "" || got.Get("List-Unsubscribe-Post") != "" || got.Get("Bcc") != "" {
			t.Errorf("headers %v", got)
		}
	}
}

func TestEML10TextCannotBecomeAHeaderOrARecipient(t *testing.T) {
	t.Parallel()
	evil := "disk\r\nBcc: evil@example.com\r\n\r\n<script>\x00"
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	m := channeltest.Message("bob@customer.example")
	m.Rendered.Subject = evil
	to := target(server, "from_name", evil)
	if _, err := newSender(t).Send(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	msg, _, _ := parts(t, server.Mails()[0].Data)
	if msg.Header.Get("Bcc") != "" || strings.Count(strings.Join(server.Commands(), " "), "RCPT") != 1 {
		t.Errorf("header %v after %v", msg.Header, server.Commands())
	}
	for _, address := range []string{
		"bob@customer.example\r\nRCPT TO:<evil@example.com>", "bob@customer.example> NOTIFY=NEVER", `"x@y> ORCPT=a"@example.com`,
		"bob@customer.example, evil@example.com", "grp: a@b.example;", "Bob <bob@customer.example>", "bob@", "@customer.example", "bob", "",
		"bob@cust\u200bomer..example", strings.Repeat("a", 65) + "@customer.example", ".bob@customer.example", "bób@customer.example",
	} {
		m := channeltest.Message(address)
		_, err := newSender(t).Send(t.Context(), target(server), m)
		if e := channeltest.Failed(t, err); e.Class != channels.Permanent || e.Reason != "recipient_invalid" {
			t.Errorf("Send(%q) = %v, want permanent: recipient_invalid", address, e)
		}
	}
	if n := len(server.Mails()); n != 1 {
		t.Errorf("%d mails, want one", n)
	}
}

func TestLongLinesAndDotsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	m := channeltest.Message("bob@customer.example")
	m.Rendered.Text = ".\n..\n" + strings.Repeat("长", 3000) + "\nend"
	if _, err := newSender(t).Send(t.Context(), target(server), m); err != nil {
		t.Fatal(err)
	}
	_, texts, _ := parts(t, server.Mails()[0].Data)
	if got := strings.ReplaceAll(texts["text/plain"], "\r\n", "\n"); got != m.Rendered.Text {
		t.Errorf("the text changed: %d bytes, want %d", len(got), len(m.Rendered.Text))
	}
	for line := range bytes.Lines([]byte(server.Mails()[0].Data)) {
		if len(line) > 998 {
			t.Errorf("a line has %d bytes", len(line))
		}
	}
}
