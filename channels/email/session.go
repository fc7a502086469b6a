package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"github.com/wneessen/go-mail/smtp"
)

// stage is how far the conversation with the server got.
type stage int

const (
	stageConnect stage = iota
	stageGreeting
	stageHello
	stageTLS
	stageAuth
	stageMail
	stageRcpt
	stageData
	stageEnd // the final dot is on its way
)

// failure is where a conversation ended and why.
type failure struct {
	stage stage
	cause error
}

// Causes that are no replies.
var (
	errNoTLS       = errors.New("the server offers no STARTTLS")
	errNoMechanism = errors.New("the server offers no usable authentication")
	errPlainAuth   = errors.New("the password would be sent without encryption")
	errCA          = errors.New("the CA holds no certificate")
	errTooMuch     = errors.New("the server sent too much")
)

// session is one connection.
type session struct {
	conn   *bounded
	smtp   *smtp.Client
	used   int
	born   time.Time
	expiry *time.Timer
}

// bounded limits how much a server may send for one message.
type bounded struct {
	net.Conn
	left int
	// spoiled says that a context ended while it was bound.
	spoiled bool
}

const maxAnswers = 256 << 10 // bytes, certificates included

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// bind makes the connection obey the context until the returned function is called.
func (b *bounded) bind(ctx context.Context) func() {
	b.left = maxAnswers
	deadline, _ := ctx.Deadline() // Send always sets one
	_ = b.SetDeadline(deadline)   // a dead connection shows with the next byte
	stop := context.AfterFunc(ctx, func() { _ = b.SetDeadline(time.Unix(1, 0)) })
	return func() { b.spoiled = b.spoiled || !stop() }
}

// dial connects, agrees on encryption and signs in, as the settings say.
func dial(ctx context.Context, client *channels.Client, settings channels.Settings) (*session, *failure) {
	config, err := tlsConfig(settings)
	if err != nil {
		return nil, &failure{stageTLS, err}
	}
	host := settings.Get("host")
	raw, err := client.Dial(ctx, net.JoinHostPort(host, strconv.Itoa(port(settings))))
	if err != nil {
		return nil, &failure{stageConnect, err}
	}
	s := &session{conn: &bounded{Conn: raw}, born: time.Now()}
	defer s.conn.bind(ctx)()
	if f := s.open(ctx, settings, host, config); f != nil {
		s.close()
		return nil, f
	}
	return s, nil
}

func port(settings channels.Settings) int {
	unset := 587
	switch security(settings) {
	case "implicit":
		unset = 465
	case "none":
		unset = 25
	}
	return settings.Int("port", unset)
}

func security(settings channels.Settings) string {
	if v := settings.Get("tls"); v != "" {
		return v
	}
	return "starttls"
}

func tlsConfig(settings channels.Settings) (*tls.Config, error) {
	config := &tls.Config{ServerName: settings.Get("host"), MinVersion: tls.VersionTLS12}
	if name := settings.Get("tls_server_name"); name != "" {
		config.ServerName = name
	}
	if ca := settings.Get("ca"); ca != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(ca)) {
			return nil, errCA
		}
	}
	return config, nil
}

func (s *session) open(ctx context.Context, settings channels.Settings, host string, config *tls.Config) *failure {
	conn, encrypted := net.Conn(s.conn), false
	if security(settings) == "implicit" {
		secured := tls.Client(s.conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return &failure{stageTLS, err}
		}
		conn, encrypted = secured, true
	}
	var err error
	if s.smtp, err = smtp.NewClient(conn, host); err != nil {
		return &failure{stageGreeting, err}
	}
	s.smtp.SkipSMTPUTF8(true)
	if err := s.smtp.Hello(helo(settings)); err != nil {
		return &failure{stageHello, err}
	}
	if security(settings) == "starttls" {
		if offered, _ := s.smtp.Extension("STARTTLS"); !offered {
			return &failure{stageTLS, errNoTLS}
		}
		if err := s.smtp.StartTLS(config); err != nil {
			return &failure{stageTLS, err}
		}
		encrypted = true
	}
	if settings.Bool("dsn") {
		s.smtp.SetDSNMailReturnOption("HDRS")
		s.smtp.SetDSNRcptNotifyOption("FAILURE,DELAY")
	}
	return s.auth(settings, encrypted)
}

// helo is the name that the server is greeted with.
func helo(settings channels.Settings) string {
	if name := settings.Get("helo"); name != "" {
		return name
	}
	if name, err := os.Hostname(); err == nil && name != "" && !strings.ContainsAny(name, " \r\n") {
		return name
	}
	return "localhost"
}

// preference is the order in which mechanisms are chosen; the last three show
// the password or a token to whoever reads the line.
var preference = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2"}

func (s *session) auth(settings channels.Settings, encrypted bool) *failure {
	wanted, user := settings.Get("auth"), settings.Get("username")
	if wanted == "none" || (user == "" && (wanted == "" || wanted == "auto")) {
		return nil
	}
	_, list := s.smtp.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(list))
	mechanism := strings.ToUpper(wanted)
	if mechanism == "" || mechanism == "AUTO" {
		mechanism = choose(offered, encrypted)
	}
	if !slices.Contains(offered, mechanism) {
		return &failure{stageAuth, errNoMechanism}
	}
	if !encrypted && readable(mechanism) {
		return &failure{stageAuth, errPlainAuth}
	}
	if err := s.smtp.Auth(credential(mechanism, user, settings)); err != nil {
		return &failure{stageAuth, err}
	}
	return nil
}

func readable(mechanism string) bool { return slices.Index(preference, mechanism) >= 3 }

func choose(offered []string, encrypted bool) string {
	for _, each := range preference[:5] { // a token is only sent where one was asked for
		if slices.Contains(offered, each) && (encrypted || !readable(each)) {
			return each
		}
	}
	return ""
}

func credential(mechanism, user string, settings channels.Settings) smtp.Auth {
	password, host := settings.Get("password"), settings.Get("host")
	switch mechanism {
	case "SCRAM-SHA-256":
		return smtp.ScramSHA256Auth(user, password)
	case "SCRAM-SHA-1":
		return smtp.ScramSHA1Auth(user, password)
	case "CRAM-MD5":
		return smtp.CRAMMD5Auth(user, password)
	case "LOGIN":
		return smtp.LoginAuth(user, password, host, false)
	case "XOAUTH2":
		return smtp.XOAuth2Auth(user, password)
	}
	return smtp.PlainAuth("", user, password, host, false)
}

// probe is how long a kept connection may take to say that it still works. Where a firewall
// forgot it, nothing ever comes; the message must not wait for that.
const probe = 3 * time.Second

// fresh reports whether a kept connection still works: it begins anew.
func (s *session) fresh(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probe)
	defer cancel()
	defer s.conn.bind(ctx)()
	return s.smtp.Reset() == nil
}

// deliver sends one message to one recipient and returns the server's last words.
func (s *session) deliver(ctx context.Context, m letter) (string, *failure) {
	defer s.conn.bind(ctx)()
	s.used++
	if err := s.smtp.Mail("<" + m.from + ">"); err != nil {
		return "", &failure{stageMail, err}
	}
	if err := s.smtp.Rcpt("<" + m.to + ">"); err != nil {
		return "", &failure{stageRcpt, err}
	}
	w, err := s.smtp.Data()
	if err != nil {
		return "", &failure{stageData, err}
	}
	if _, err := w.Write(m.content); err != nil {
		return "", &failure{stageData, err}
	}
	if err := w.Close(); err != nil {
		return "", &failure{stageEnd, err}
	}
	if data, ok := w.(*smtp.DataCloser); ok {
		return data.ServerResponse(), nil
	}
	return "", nil
}

// quit says goodbye to an idle connection; the answer does not matter.
func (s *session) quit() {
	s.conn.left = maxAnswers
	_ = s.conn.SetDeadline(time.Now().Add(time.Second))
	_ = s.smtp.Quit()
	s.close()
}

func (s *session) close() { _ = s.conn.Close() }

// reply returns the server's reply behind a failure, nil when there is none.
func (f *failure) reply() *textproto.Error {
	if e, ok := errors.AsType[*textproto.Error](f.cause); ok {
		return e
	}
	return nil
}
