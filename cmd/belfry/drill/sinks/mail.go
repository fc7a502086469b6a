package sinks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// NoMailbox begins the addresses that do not exist.
const NoMailbox = "nobody"

func (s *Sinks) mailServer() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{sinks: s, conn: c}, nil
	}))
	server.Domain = "drill.localhost"
	server.MaxMessageBytes, server.MaxRecipients = maxBody, 10
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	return server
}

// session is one connection of a mail client.
type session struct {
	sinks *Sinks
	conn  *smtp.Conn
	to    string
	how   mood
	takes bool
}

// Reset forgets the envelope.
func (m *session) Reset() { m.to = "" }

// Logout does nothing.
func (m *session) Logout() error { return nil }

// Mail begins a message and decides how it is treated.
func (m *session) Mail(string, *smtp.MailOptions) error {
	m.how, m.takes = m.sinks.weather.treat(email)
	return nil
}

// Rcpt takes every recipient that exists.
func (m *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, NoMailbox) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	if m.how == limit {
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "too many connections"}
	}
	m.to = to
	return nil
}

var errBrokenOff = errors.New("broken off")

// Data takes the message, or what the mood says instead.
func (m *session) Data(r io.Reader) error {
	if m.how == breaks && !m.takes {
		_ = m.conn.Close() // in the middle of the message
		return errBrokenOff
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch m.how {
	case refuse, limit:
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "no room"}
	case hang:
		m.sinks.weather.wait(context.Background()) // sessions have no context; the end of the storm ends it
		if m.takes {
			m.take(raw)
		}
		return m.conn.Close()
	case lie, breaks:
		m.take(raw)
		return m.conn.Close()
	case calm:
	}
	m.take(raw)
	return nil
}

// take writes the mail down, by the delivery's id in its Message-ID.
func (m *session) take(raw []byte) {
	key := ""
	if message, err := mail.ReadMessage(bytes.NewReader(raw)); err == nil {
		key, _, _ = strings.Cut(strings.TrimPrefix(message.Header.Get("Message-Id"), "<"), "@")
	}
	m.sinks.keep(email, key, m.to)
}
