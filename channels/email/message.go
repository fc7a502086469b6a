package email

import (
	"bytes"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"belfry.dev/belfry/channels"
	gomail "github.com/wneessen/go-mail"
)

// letter is one e-mail with its envelope.
type letter struct {
	from, to string
	content  []byte
}

const maxSubject = 200 // code points

// compose builds the e-mail: text first, then HTML, the same Message-ID on every
// attempt. Values that reach a header cannot begin another one: addresses are
// checked, free text loses its control characters. The error is an *Error.
func compose(t channels.Target, m channels.Message, domain string, now time.Time) (letter, error) {
	to, ok := address(m.To)
	if !ok {
		return letter{}, &channels.Error{Class: channels.Permanent, Reason: "recipient_invalid", Message: "It is no e-mail address."}
	}
	from, ok := address(t.Provider.Get("from"))
	if !ok {
		return letter{}, &channels.Error{Class: channels.Misconfigured, Reason: "from", Message: "The sender is no e-mail address."}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingQP), gomail.WithBoundary("belfry_"+m.Key))
	msg.FromMailAddress(&mail.Address{Name: plainLine(t.Provider.Get("from_name")), Address: from})
	msg.ToMailAddress(&mail.Address{Address: to})
	if reply, ok := address(t.Provider.Get("reply_to")); ok {
		msg.ReplyToMailAddress(&mail.Address{Address: reply})
	}
	if domain == "" {
		domain = from[strings.LastIndexByte(from, '@')+1:]
	}
	msg.SetMessageIDWithValue(m.Key + "@" + domain)
	msg.SetDateWithValue(now)
	msg.Subject(channels.CutRunes(plainLine(m.Rendered.Subject), maxSubject))
	setAutomatic(msg, m)
	unsubscribable := setUnsubscribe(msg, m)
	setBody(msg, m)
	if err := setDKIM(msg, t.Provider.Settings, unsubscribable); err != nil {
		return letter{}, err
	}
	var content bytes.Buffer
	if _, err := msg.WriteTo(&content); err != nil {
		return letter{}, &channels.Error{Class: channels.Misconfigured, Reason: "dkim", Message: "The message could not be signed."}
	}
	back := from
	if bounces, ok := address(t.Provider.Get("return_path")); ok {
		back = bounces
	}
	return letter{from: back, to: to, content: content.Bytes()}, nil
}

// setAutomatic adds the headers of mail that no person wrote.
func setAutomatic(msg *gomail.Msg, m channels.Message) {
	msg.SetBulk() // Precedence, and no automatic answers please
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Belfry-Delivery-ID", m.Key)
}

// setUnsubscribe adds the one-click headers, never to what is mandatory, and
// reports whether it did.
func setUnsubscribe(msg *gomail.Msg, m channels.Message) bool {
	if m.Mandatory || !oneClick(m.Unsubscribe) {
		return false
	}
	// One line each: folded ones have broken signatures at relays.
	msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
	msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	return true
}

// oneClick reports whether the URL may stand in a header as it is.
func oneClick(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(raw) > 900 {
		return false
	}
	for _, r := range raw {
		if r <= ' ' || r > '~' || r == '<' || r == '>' {
			return false
		}
	}
	return true
}

// setBody adds the parts. A text part always exists.
func setBody(msg *gomail.Msg, m channels.Message) {
	text := m.Rendered.Text
	if strings.TrimSpace(text) == "" {
		text = strings.TrimSpace(m.Rendered.Title + "\n\n" + m.Rendered.Body + "\n\n" + m.Rendered.Link)
	}
	msg.SetBodyString(gomail.TypeTextPlain, text)
	if strings.TrimSpace(m.Rendered.HTML) != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.Rendered.HTML)
	}
}

// setDKIM signs the message when the provider has a key. The unsubscribe headers
// must be covered. Source: RFC 8058, section 4.
func setDKIM(msg *gomail.Msg, settings channels.Settings, unsubscribable bool) error {
	key := settings.Get("dkim_key")
	if key == "" {
		return nil
	}
	private, err := gomail.PrivKeyFromPEM([]byte(key))
	if err != nil {
		return &channels.Error{Class: channels.Misconfigured, Reason: "dkim", Message: "The DKIM key cannot be read."}
	}
	signer := gomail.NewDKIMSigner(settings.Get("dkim_domain"), settings.Get("dkim_selector"), private)
	headers := []string{"From", "To", "Subject", "Date", "Message-ID", "Content-Type", "MIME-Version", "Auto-Submitted"}
	if unsubscribable {
		headers = append(headers, "List-Unsubscribe", "List-Unsubscribe-Post")
	}
	signer.SignHeaders(headers...)
	msg.SetDKIM(signer)
	return nil
}

// plainLine makes one line of free text: control and invisible characters become
// spaces or go.
func plainLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r) && r != '\u200d': // joins emoji
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// address returns a bare address in ASCII as it may stand in an envelope: a
// dot-atom, "@" and a domain. Quoted, grouped and named forms are none.
func address(raw string) (string, bool) {
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
