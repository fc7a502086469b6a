package channels

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"sync/atomic"
	"time"
)

// GuardConfig configures the guarded client; the zero value is the strictest.
type GuardConfig struct {
	// Allow are networks that may be reached although they are not public, for
	// private installations and tests. They never open link-local or metadata
	// addresses, unless one is listed by itself (a /32 or /128). Default: none.
	Allow []netip.Prefix
	// Deny are further networks that are never reached. Default: none.
	Deny []netip.Prefix
	// Ports are allowed beside 443, 80 and 8443. Default: none.
	Ports []int
	// AllowHTTP allows URLs without TLS everywhere. Default: https only.
	AllowHTTP bool
	// ConnectTimeout bounds name resolution with the connection, and the TLS
	// handshake. Default: 5 s.
	ConnectTimeout time.Duration
	// Timeout bounds a whole exchange. Default: 15 s.
	Timeout time.Duration
	// Resolver resolves names. Default: Go's own, which knows no numeric spellings.
	Resolver *net.Resolver
	// Own lists the machine's own addresses as the interfaces have them. Default:
	// net.InterfaceAddrs.
	Own func() ([]net.Addr, error)
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// maxBody is how much of an answer is read, in bytes; as much again for its headers.
const maxBody = 64 << 10

// Client makes Belfry's outgoing calls. It checks every address when it is
// dialled, follows no redirect, knows no proxy from the environment, unpacks no
// compression and reads at most 64 KiB. It is safe for concurrent use.
type Client struct {
	guard   guard
	cfg     GuardConfig
	kept    *http.Transport
	dialers struct{ tenant, operator net.Dialer }
}

// NewClient returns a guarded client.
func NewClient(cfg GuardConfig) *Client {
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, 5*time.Second)
	cfg.Timeout = cmp.Or(cfg.Timeout, 15*time.Second)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Resolver = cmp.Or(cfg.Resolver, &net.Resolver{PreferGo: true})
	if cfg.Own == nil {
		cfg.Own = net.InterfaceAddrs
	}
	c := &Client{cfg: cfg}
	c.guard = guard{allow: cfg.Allow, deny: cfg.Deny, ports: cfg.Ports, http: cfg.AllowHTTP, local: listing(cfg.Own, time.Now)}
	dialer := net.Dialer{Timeout: cfg.ConnectTimeout, Resolver: cfg.Resolver}
	c.dialers.tenant, c.dialers.operator = dialer, dialer
	c.dialers.tenant.Control = control(c.guard.check)
	c.dialers.operator.Control = control(c.guard.checkOperator)
	c.kept = c.newTransport(nil)
	return c
}

// Rules are what an operator allows to one provider on top of the deployment.
type Rules struct {
	AllowHTTP bool
	Ports     []int
	// Timeout replaces the whole exchange's; zero keeps the deployment's.
	Timeout time.Duration
	// CA are certificates in PEM form that are trusted instead of the system's;
	// "" for the system's.
	CA string
}

// Request is one POST.
type Request struct {
	URL    string
	Header http.Header
	Body   []byte
	Rules  Rules
	// Repeatable requests may use a kept connection. On others every request has
	// its own, so that a connection that the server just gave up cannot make the
	// outcome ambiguous.
	Repeatable bool
}

// Response is an answer.
type Response struct {
	Status int
	Header http.Header
	// Body is at most 64 KiB; Partial says that there was more or that it could
	// not be read to its end.
	Body    []byte
	Partial bool
	// RetryAfter is the announced wait; Announced is false when there is no
	// readable one.
	RetryAfter time.Duration
	Announced  bool
}

// CheckURL says why a URL may not be called: a sentence without the URL, "" when
// it may. Names are not resolved; addresses are checked again when dialled.
func (c *Client) CheckURL(raw string, rules Rules) string {
	if _, err := c.guard.checkURL(raw, rules); err != nil {
		return err.Error()
	}
	return ""
}

// ListOwn says why the machine's own addresses cannot be listed, nil when they can. Until
// then no address is called that the operator has not allowed.
func (c *Client) ListOwn() error {
	_, err := c.guard.local()
	return err
}

// Post sends the request and reads the answer. The error is an *Error: retry
// when nothing was sent, ambiguous when the answer is unknown,
// misconfigured(blocked_address, url or ca) when the call is not allowed. A call is
// retried when nobody can tell whether its address is the machine's own.
func (c *Client) Post(ctx context.Context, r Request) (Response, error) {
	u, err := c.guard.checkURL(r.URL, r.Rules)
	if err != nil {
		return Response{}, refused(err)
	}
	transport, done, err := c.transport(r)
	if err != nil {
		return Response{}, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.Rules.Timeout, c.cfg.Timeout))
	defer cancel()
	res, used, err := exchange(ctx, transport, u.String(), r)
	if used.kept && stale(ctx, used, res, err) {
		if err == nil {
			_ = res.Body.Close()
		}
		anew := c.newTransport(nil)
		anew.DisableKeepAlives = true
		defer anew.CloseIdleConnections()
		res, used, err = exchange(ctx, anew, u.String(), r)
	}
	if err != nil {
		return Response{}, failure(err, used.connected)
	}
	return c.read(res), nil
}

// usage says whether an exchange had a connection, one kept from another, and any of an answer.
type usage struct {
	connected, kept, answered bool
	took                      time.Duration
}

const crossing = time.Second // what an idle connection's end and a message need at most to cross

func exchange(ctx context.Context, transport *http.Transport, url string, r Request) (*http.Response, usage, error) {
	var connected, kept, answered atomic.Bool
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			connected.Store(true)
			kept.Store(info.Reused)
		},
		GotFirstResponseByte: func() { answered.Store(true) },
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, url, bytes.NewReader(r.Body))
	if err != nil {
		return nil, usage{}, refused(errHost)
	}
	req.Header = r.Header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("User-Agent", "Belfry")
	start := time.Now()
	res, err := transport.RoundTrip(req)
	return res, usage{connected.Load(), kept.Load(), answered.Load(), time.Since(start)}, err
}

// stale reports whether an exchange failed by the kept connection, not by the message: it
// ended without a word while the message was under way, or the server gave it up (408, as for
// an idle one) or will not have it for this host (421). A server that began to answer has the
// message. Only repeatable requests are on kept connections.
func stale(ctx context.Context, used usage, res *http.Response, err error) bool {
	if err != nil {
		return ctx.Err() == nil && !used.answered && used.took < crossing
	}
	return res.StatusCode == http.StatusRequestTimeout || res.StatusCode == http.StatusMisdirectedRequest
}

func (c *Client) read(res *http.Response) Response {
	defer func() { _ = res.Body.Close() }() // nothing is left to be said
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	out := Response{Status: res.StatusCode, Header: res.Header, Body: body, Partial: err != nil}
	if len(body) > maxBody {
		out.Body, out.Partial = body[:maxBody], true
	}
	out.RetryAfter, out.Announced = ParseRetryAfter(res.Header.Get("Retry-After"), c.cfg.Now())
	return out
}

// transport returns the connections to use and what to call afterwards. Only
// those that trust the system's certificates are kept.
func (c *Client) transport(r Request) (*http.Transport, func(), error) {
	if r.Repeatable && r.Rules.CA == "" {
		return c.kept, func() {}, nil
	}
	roots, err := rootsOf(r.Rules.CA)
	if err != nil {
		return nil, nil, err
	}
	t := c.newTransport(roots)
	t.DisableKeepAlives = true
	return t, t.CloseIdleConnections, nil
}

func (c *Client) newTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // the guard would see the proxy's address
		DialContext:            c.dialers.tenant.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    c.cfg.ConnectTimeout,
		DisableCompression:     true, // a packed answer is never unpacked
		MaxResponseHeaderBytes: maxBody,
		MaxIdleConnsPerHost:    8,
		MaxIdleConns:           256,
		IdleConnTimeout:        30 * time.Second,
	}
}

// rootsOf returns the certificates to trust; nil means the system's.
func rootsOf(ca string) (*x509.CertPool, error) {
	if ca == "" {
		return nil, nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca)) {
		return nil, &Error{Class: Misconfigured, Reason: "ca", Message: "The CA holds no certificate."}
	}
	return roots, nil
}

// Dial connects to a host that an operator named, for protocols other than
// HTTP. Private networks are allowed; link-local and metadata addresses are
// not. The error is an *Error as of Post.
func (c *Client) Dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ConnectTimeout)
	defer cancel()
	conn, err := c.dialers.operator.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, failure(err, false)
	}
	return conn, nil
}

// Close ends the kept connections that are idle.
func (c *Client) Close() { c.kept.CloseIdleConnections() }

// refused is the outcome of a URL that the guard does not let through.
func refused(err error) *Error {
	switch {
	case errors.Is(err, errBlocked):
		return &Error{Class: Misconfigured, Reason: "blocked_address", Message: "The address is not public. An operator may open its network with BELFRY_OUTGOING_ALLOW."}
	case errors.Is(err, errUnlisted):
		return &Error{Class: Retry, Reason: "own_addresses_unknown", Message: "The machine's own addresses cannot be listed: no call is made until they can."}
	}
	return &Error{Class: Misconfigured, Reason: "url", Message: err.Error()}
}

// failure says what a failed exchange means. The cause's text is dropped: it
// names hosts and addresses.
func failure(err error, sent bool) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	var dns *net.DNSError
	var timeout net.Error
	slow := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
	switch {
	case errors.Is(err, errBlocked), errors.Is(err, errUnlisted):
		return refused(err)
	case sent && slow:
		return &Error{Class: Ambiguous, Reason: "timeout", Message: "The answer did not come in time."}
	case sent:
		return &Error{Class: Ambiguous, Reason: "connection_lost", Message: "The connection ended before a readable answer."}
	case errors.As(err, &dns):
		return &Error{Class: Retry, Reason: "dns", Message: "The host name did not resolve."}
	case isTLS(err):
		return &Error{Class: Retry, Reason: "tls", Message: "No trusted TLS connection could be made.", Alert: true}
	case slow:
		return &Error{Class: Retry, Reason: "connect_timeout", Message: "No connection was made in time."}
	}
	return &Error{Class: Retry, Reason: "connect", Message: "The connection was refused or failed."}
}

func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok
}
