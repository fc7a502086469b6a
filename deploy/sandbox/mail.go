package sandbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// mediumMail is the name of the mail catcher in paths and faults.
const mediumMail = "mail"

// Mail is one caught e-mail.
type Mail struct {
	// From and To are the envelope's.
	From string   `json:"from"`
	To   []string `json:"to"`
	// Headers are decoded; the newest of each name.
	Headers map[string]string `json:"headers"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Raw     []byte            `json:"raw"`
}

func (s *Sandbox) mailServer() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{s: s, conn: c}, nil
	}))
	server.Domain = "sandbox.localhost"
	server.MaxMessageBytes = 10 << 20
	server.MaxRecipients = 100
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.EnableSMTPUTF8 = true
	server.ErrorLog = slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug)
	return server
}

// mailSession is one connection's talk.
type mailSession struct {
	s    *Sandbox
	conn *smtp.Conn
	from string
	to   []string
}

// Reset forgets the envelope.
func (m *mailSession) Reset() { m.from, m.to = "", nil }

// Logout does nothing.
func (m *mailSession) Logout() error { return nil }

// Mail takes any sender.
func (m *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	m.from = from
	return nil
}

// Rcpt takes any recipient.
func (m *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	m.to = append(m.to, to)
	return nil
}

// Data writes the mail down and answers, unless a fault is set.
func (m *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	fault := m.s.faults.next(context.Background(), mediumMail) // SMTP sessions have no context; Stop releases the delay
	if !fault.fails() || fault.Keep {
		if err := m.s.mails.add(m.s.config.Now(), readMail(m.from, m.to, raw)); err != nil {
			m.s.config.Logger.Error("mail was not written down", "error", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not written down"}
		}
	}
	switch {
	case fault.Drop:
		return m.conn.Close()
	case fault.Status != 0:
		class := fault.Status / 100
		return &smtp.SMTPError{Code: fault.Status, EnhancedCode: smtp.EnhancedCode{class, 0, 0}, Message: "as ordered"}
	}
	return nil
}

// readMail takes the mail apart; what cannot be read is left empty.
func readMail(from string, to []string, raw []byte) Mail {
	m := Mail{From: from, To: to, Headers: map[string]string{}, Raw: raw}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m
	}
	words := mime.WordDecoder{}
	for name := range message.Header {
		value := message.Header.Get(name)
		if decoded, err := words.DecodeHeader(value); err == nil {
			value = decoded
		}
		m.Headers[name] = value
	}
	m.Subject = m.Headers["Subject"]
	m.part(message.Header.Get("Content-Type"), message.Header.Get("Content-Transfer-Encoding"), message.Body)
	return m
}

// part takes the text and the HTML out of one part, and of the parts inside.
func (m *Mail) part(contentType, encoding string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return
	}
	switch kind {
	case "text/plain":
		m.Text = string(text)
	case "text/html":
		m.HTML = string(text)
	}
}
