package email

import (
	"bytes"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models/text"
)

// letter is one e-mail with its envelope.
type letter struct {
	from, to string
	content  []byte
}

const maxSubject = 200 // code points

// compose builds the e-mail: text first, then HTML, the same Message-ID on every
// attempt. Values that reach a header cannot begin another one: addresses are
// checked, free text becomes one line. The error is an *Error.
func compose(t channels.Target, m channels.Message, domain string, now time.Time) (letter, error) {
	to, ok := recipient(m)
	if !ok {
		return letter{}, &channels.Error{Class: channels.Permanent, Reason: "recipient_invalid", Message: "It is no e-mail address."}
	}
	from, ok := addressed(t.Provider.Get("from"))
	if !ok {
		return letter{}, &channels.Error{Class: channels.Misconfigured, Reason: "from", Message: "The sender is no e-mail address."}
	}
	stamp, err := stampOf(t.Provider.Settings)
	if err != nil {
		return letter{}, err
	}
	if domain == "" {
		domain = from[strings.LastIndexByte(from, '@')+1:]
	}
	var h header
	h.add("From", append(phrase("From", text.Line(t.Provider.Get("from_name"))), "<"+from+">")...)
	h.add("To", "<"+to+">")
	if reply, ok := addressed(t.Provider.Get("reply_to")); ok {
		h.add("Reply-To", "<"+reply+">")
	}
	h.add("Subject", unstructured("Subject", text.Cut(text.Line(m.Rendered.Subject), maxSubject))...)
	h.add("Date", now.Format(time.RFC1123Z))
	h.add("Message-ID", "<"+m.Key+"@"+domain+">")
	h.addAutomatic(m)
	h.add("MIME-Version", "1.0")
	h.add("Content-Type", "multipart/alternative;", `boundary="`+boundary(m)+`"`)
	out := letter{from: from, to: to}
	if bounces, ok := addressed(t.Provider.Get("return_path")); ok {
		out.from = bounces
	}
	out.content, err = seal(stamp, h, content(m), now)
	return out, err
}

// recipient is the address as the person wrote it, where the message has that: some
// servers tell upper from lower case before the "@".
func recipient(m channels.Message) (string, bool) {
	if typed, ok := addressed(m.Typed); ok && strings.EqualFold(typed, m.To) {
		return typed, true
	}
	return addressed(m.To)
}

// addAutomatic adds the fields of mail that no person wrote.
func (h *header) addAutomatic(m channels.Message) {
	h.add("Auto-Submitted", "auto-generated")
	h.add("X-Auto-Response-Suppress", "All")
	h.add("X-Belfry-Delivery-ID", m.Key)
	if !m.Optional {
		return
	}
	h.add("Precedence", "bulk")
	if oneClick(m.Unsubscribe) {
		// One line each: folded ones have broken signatures at relays.
		h.add("List-Unsubscribe", "<"+m.Unsubscribe+">")
		h.add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
}

// oneClick reports whether the URL may stand in a header as it is. Mail programs post to
// https only. Source: RFC 8058, 3.1.
func oneClick(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" || len(raw) > 900 {
		return false
	}
	return strings.IndexFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) < 0
}

func boundary(m channels.Message) string { return "belfry_" + m.Key }

// content returns the parts: a text part always, HTML where there is some.
func content(m channels.Message) []byte {
	plain := m.Rendered.Text
	if strings.TrimSpace(plain) == "" {
		plain = strings.TrimSpace(m.Rendered.Title + "\n\n" + m.Rendered.Body + "\n\n" + m.Rendered.Link)
	}
	var b bytes.Buffer
	writePart(&b, m, "text/plain", plain)
	if strings.TrimSpace(m.Rendered.HTML) != "" {
		writePart(&b, m, "text/html", m.Rendered.HTML)
	}
	b.WriteString("--" + boundary(m) + "--\r\n")
	return b.Bytes()
}

func writePart(b *bytes.Buffer, m channels.Message, kind, value string) {
	b.WriteString("--" + boundary(m) + "\r\nContent-Type: " + kind + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	w := quotedprintable.NewWriter(b)
	_, _ = w.Write([]byte(strings.ToValidUTF8(value, "\uFFFD"))) // a buffer takes everything
	_ = w.Close()
	b.WriteString("\r\n")
}

// seal puts header and body together, under the signature where there is a stamp. The
// error is an *Error.
func seal(s *stamp, h header, body []byte, now time.Time) ([]byte, error) {
	if s != nil {
		signature, err := s.sign(h, body, now)
		if err != nil {
			return nil, &channels.Error{Class: channels.Misconfigured, Reason: "dkim", Message: "The message could not be signed."}
		}
		h = append(header{signature}, h...)
	}
	return append([]byte(strings.Join(h, "")+"\r\n"), body...), nil
}

// address returns a bare address in ASCII as it may stand in an envelope: a
// dot-atom, "@" and a domain. Quoted, grouped and named forms are none.
func addressed(raw string) (string, bool) {
	at := strings.LastIndexByte(raw, '@')
	if at < 1 || at > 64 || len(raw) > 254 {
		return "", false
	}
	local := raw[:at]
	if local[0] == '.' || local[at-1] == '.' || strings.Contains(local, "..") {
		return "", false
	}
	for _, r := range local {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(".!#$%&'*+/=?^_`{|}~-", r) {
			return "", false
		}
	}
	domain, err := channels.ASCIIHost(raw[at+1:])
	if err != nil {
		return "", false
	}
	return local + "@" + domain, true
}
