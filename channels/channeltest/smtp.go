package channeltest

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// SMTP is a fake mail server that says what a test tells it to.
type SMTP struct {
	// Host and Port are where it listens.
	Host string
	Port string
	// CA is its certificate in PEM form, for the host it listens on.
	CA string

	listener net.Listener
	script   SMTPScript
	mu       sync.Mutex
	mails    []Mail
	commands []string
	sessions int
	done     chan struct{}
}

// SMTPScript says how the server behaves; the zero value takes every mail.
type SMTPScript struct {
	// Reply overrides an answer: session counts connections from 1; verb is
	// "GREETING", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "END" (the
	// final dot), "RSET", "NOOP" or "QUIT"; line is what the client said. "" is
	// the usual answer. "CLOSE" hangs up instead; "…CLOSE" answers first; "HANG"
	// says nothing more until the test ends; "FLOOD" never stops talking.
	Reply func(session int, verb, line string) string
	// Extensions are offered after EHLO.
	Extensions []string
	// Implicit starts with TLS. STARTTLS works when it is among the extensions.
	Implicit bool
}

// Mail is one that the server took, in the sense of its own last answer.
type Mail struct {
	From, To string
	Data     string
	TLS      bool
	Session  int
}

// NewSMTP starts a server that ends with the test.
func NewSMTP(t testing.TB, script SMTPScript) *SMTP {
	t.Helper()
	certified := httptest.NewTLSServer(nil) // only for its certificate
	config := &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	ca := certified.Certificate()
	certified.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTP{listener: listener, script: script, done: make(chan struct{}), CA: pemOf(ca.Raw)}
	s.Host, s.Port, _ = net.SplitHostPort(listener.Addr().String())
	var wg sync.WaitGroup
	wg.Go(func() { s.accept(config, &wg) })
	t.Cleanup(func() {
		close(s.done)
		_ = listener.Close()
		wg.Wait()
	})
	return s
}

func pemOf(der []byte) string {
	var b strings.Builder
	b.WriteString("-----BEGIN CERTIFICATE-----\n")
	for text := base64.StdEncoding.EncodeToString(der); text != ""; {
		n := min(64, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String() + "-----END CERTIFICATE-----\n"
}

// Mails returns what the server took so far.
func (s *SMTP) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Commands returns the verbs that clients said, in order.
func (s *SMTP) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

// Sessions returns how many connections there were.
func (s *SMTP) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

func (s *SMTP) accept(config *tls.Config, wg *sync.WaitGroup) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.sessions++
		c := &smtpConn{server: s, number: s.sessions, config: config}
		s.mu.Unlock()
		wg.Go(func() {
			stop := make(chan struct{})
			go func() { // a hanging conversation ends with the test
				select {
				case <-s.done:
					_ = conn.Close()
				case <-stop:
				}
			}()
			defer close(stop)
			defer func() { _ = conn.Close() }()
			c.serve(conn)
		})
	}
}

// smtpConn is one connection.
type smtpConn struct {
	server *SMTP
	number int
	config *tls.Config
	conn   net.Conn
	text   *textproto.Reader
	secure bool
	mail   Mail
}

func (c *smtpConn) use(conn net.Conn) {
	c.conn, c.text = conn, textproto.NewReader(bufio.NewReader(conn))
}

func (c *smtpConn) serve(conn net.Conn) {
	c.use(conn)
	if c.server.script.Implicit {
		c.secure = true
		c.use(tls.Server(conn, c.config))
	}
	if !c.say("GREETING", "", "220 fake.example ESMTP") {
		return
	}
	for {
		line, err := c.text.ReadLine()
		if err != nil {
			return
		}
		if !c.answer(line) {
			return
		}
	}
}

// answer handles one command; false ends the connection.
func (c *smtpConn) answer(line string) bool {
	verb := strings.ToUpper(strings.SplitN(line, " ", 2)[0])
	switch verb {
	case "EHLO":
		return c.say(verb, line, c.hello())
	case "STARTTLS":
		if !c.say(verb, line, "220 go ahead") {
			return false
		}
		c.secure = true
		c.use(tls.Server(c.conn, c.config))
		return true
	case "AUTH":
		return c.auth(line)
	case "MAIL":
		c.mail = Mail{From: between(line), TLS: c.secure, Session: c.number}
	case "RCPT":
		c.mail.To = between(line)
	case "DATA":
		return c.data(line)
	case "QUIT":
		c.say(verb, line, "221 bye")
		return false
	case "HELO", "RSET", "NOOP":
	default:
		return c.say(verb, line, "502 unknown")
	}
	return c.say(verb, line, "250 2.0.0 ok")
}

func (c *smtpConn) hello() string {
	lines := append([]string{"fake.example"}, c.server.script.Extensions...)
	for i := range lines {
		mark := "-"
		if i == len(lines)-1 {
			mark = " "
		}
		lines[i] = "250" + mark + lines[i]
	}
	return strings.Join(lines, "\r\n")
}

// auth takes any credentials unless the script says otherwise.
func (c *smtpConn) auth(line string) bool {
	if strings.HasPrefix(strings.ToUpper(line), "AUTH LOGIN") {
		for _, prompt := range []string{"334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"} {
			if _, err := fmt.Fprintf(c.conn, "%s\r\n", prompt); err != nil {
				return false
			}
			if _, err := c.text.ReadLine(); err != nil {
				return false
			}
		}
	}
	return c.say("AUTH", line, "235 2.7.0 welcome")
}

func (c *smtpConn) data(line string) bool {
	if reply := c.override("DATA", line); reply != "" && !strings.HasPrefix(reply, "354") {
		return c.play(reply)
	}
	if !c.play("354 go on") {
		return false
	}
	content, err := c.text.ReadDotBytes()
	if err != nil {
		return false
	}
	c.mail.Data = string(content)
	usual := "250 2.0.0 Ok: queued as FAKE" + strconv.Itoa(c.number)
	reply := c.override("END", "")
	if reply == "" {
		reply = usual
	}
	if strings.HasPrefix(reply, "2") || strings.HasPrefix(reply, "CLOSE") {
		c.server.mu.Lock() // a server that hangs up here may have taken it: the worst case
		c.server.mails = append(c.server.mails, c.mail)
		c.server.mu.Unlock()
	}
	return c.play(reply)
}

// between returns what stands in angle brackets.
func between(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	inside, _, _ := strings.Cut(rest, ">")
	return inside
}

func (c *smtpConn) override(verb, line string) string {
	c.server.mu.Lock()
	c.server.commands = append(c.server.commands, verb)
	c.server.mu.Unlock()
	if c.server.script.Reply == nil {
		return ""
	}
	return c.server.script.Reply(c.number, verb, line)
}

func (c *smtpConn) say(verb, line, usual string) bool {
	if reply := c.override(verb, line); reply != "" {
		usual = reply
	}
	return c.play(usual)
}

// play sends a reply as the script's words mean; false ends the connection.
func (c *smtpConn) play(reply string) bool {
	switch reply {
	case "HANG":
		<-c.server.done
		return false
	case "FLOOD":
		for {
			if _, err := io.WriteString(c.conn, "250-"+strings.Repeat("x", 4096)+"\r\n"); err != nil {
				return false
			}
		}
	}
	reply, closes := strings.CutSuffix(reply, "CLOSE")
	if reply != "" {
		if _, err := fmt.Fprintf(c.conn, "%s\r\n", reply); err != nil {
			return false
		}
	}
	return !closes && !strings.HasPrefix(reply, "421")
}
