package channels_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
)

// loopback returns a client that may reach test servers.
func loopback(t *testing.T, servers ...*httptest.Server) *channels.Client {
	t.Helper()
	cfg := channels.GuardConfig{Allow: nets("127.0.0.0/8"), AllowHTTP: true, Timeout: 5 * time.Second}
	for _, s := range servers {
		u, _ := url.Parse(s.URL)
		port, _ := strconv.Atoi(u.Port())
		cfg.Ports = append(cfg.Ports, port)
	}
	c := channels.NewClient(cfg)
	t.Cleanup(c.Close)
	return c
}

// serve starts a server for the handler.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw starts a server that answers every connection with what write sends.
func raw(t *testing.T, write func(net.Conn)) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		write(conn)
	})
}

func classOf(t *testing.T, err error) *channels.Error {
	t.Helper()
	var e *channels.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v (%T), want *channels.Error", err, err)
	}
	return e
}

func TestAnswerIsReadAsItIs(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("X-A"), body)
	})
	got, err := loopback(t, s).Post(t.Context(), channels.Request{URL: s.URL + "/x", Header: http.Header{"X-A": {"b"}}, Body: []byte("hi")})
	if err != nil || got.Status != 429 || string(got.Body) != "POST b hi" || got.RetryAfter != 7*time.Second || !got.Announced || got.Partial {
		t.Errorf("Post() = %+v, %v", got, err)
	}
}

// COM-5: a redirect is not followed.
func TestCOM5RedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var second atomic.Int32
	other := serve(t, func(http.ResponseWriter, *http.Request) { second.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })
		got, err := loopback(t, s, other).Post(t.Context(), channels.Request{URL: s.URL})
		if err != nil || got.Status != status || second.Load() != 0 {
			t.Errorf("Post() to a %d = %d, %v with %d requests to the other host", status, got.Status, err, second.Load())
		}
		if e := got.Failure(); e.Class != channels.Misconfigured || e.Reason != "redirect" {
			t.Errorf("Failure() = %v, want misconfigured: redirect", e)
		}
	}
}

func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) { //nolint:paralleltest // it sets the environment
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	if got, err := loopback(t, s).Post(t.Context(), channels.Request{URL: s.URL}); err != nil || got.Status != 204 {
		t.Errorf("Post() = %d, %v, want 204 without the proxy", got.Status, err)
	}
}

// F33: endless bodies, packed bombs, huge headers and slow answers are bounded
// in bytes and in time.
func TestHostileAnswersAreBounded(t *testing.T) {
	t.Parallel()
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for block := bytes.Repeat([]byte("x"), 32<<10); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 256 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
	}
	for name, h := range map[string]http.HandlerFunc{"endless": endless, "gzip bomb": bomb} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, h)
			got, err := loopback(t, s).Post(t.Context(), channels.Request{URL: s.URL, Repeatable: true})
			if err != nil || got.Status != 200 || len(got.Body) > 64<<10 || !got.Partial {
				t.Errorf("Post() = %d with %d bytes, partial %v, %v; want at most 64 KiB", got.Status, len(got.Body), got.Partial, err)
			}
		})
	}
}

func TestHugeHeadersAndSlowAnswersAreAmbiguous(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		write  func(net.Conn)
		reason string
	}{
		"huge headers": {func(c net.Conn) {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX: %s\r\n\r\n", strings.Repeat("h", 1<<20))
		}, "connection_lost"},
		"closed without an answer": {func(net.Conn) {}, "connection_lost"},
		"no HTTP":                  {func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\r\n\r\n") }, "connection_lost"},
		"silence":                  {func(c net.Conn) { _, _ = bufio.NewReader(c).ReadByte() }, "timeout"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := raw(t, c.write)
			_, err := loopback(t, s).Post(t.Context(), channels.Request{URL: s.URL, Rules: channels.Rules{Timeout: time.Second}})
			if e := classOf(t, err); e.Class != channels.Ambiguous || e.Reason != c.reason {
				t.Errorf("Post() = %v, want ambiguous: %s", e, c.reason)
			}
		})
	}
}

func TestSlowBodyEndsInTimeAndKeepsTheStatus(t *testing.T) {
	t.Parallel()
	s := raw(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
		_, _ = bufio.NewReader(c).ReadByte()
	})
	got, err := loopback(t, s).Post(t.Context(), channels.Request{URL: s.URL, Rules: channels.Rules{Timeout: time.Second}})
	if err != nil || got.Status != 200 || !got.Partial || string(got.Body) != "x" {
		t.Errorf("Post() = %+v, %v, want 200 with a partial body", got, err)
	}
}

func TestDeadlineOfTheCallerBounds(t *testing.T) {
	t.Parallel()
	s := raw(t, func(c net.Conn) { _, _ = bufio.NewReader(c).ReadByte() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := loopback(t, s).Post(ctx, channels.Request{URL: s.URL})
	if e := classOf(t, err); e.Class != channels.Ambiguous || e.Reason != "timeout" {
		t.Errorf("Post() = %v, want ambiguous: timeout", e)
	}
}

// What fails before anything was sent may be tried again.
func TestFailuresBeforeSendingAreRetried(t *testing.T) {
	t.Parallel()
	closed := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := loopback(t, closed)
	closed.Close()
	_, err := client.Post(t.Context(), channels.Request{URL: closed.URL + "/secret-token"})
	if e := classOf(t, err); e.Class != channels.Retry || e.Reason != "connect" || strings.Contains(fmt.Sprintf("%+v", *e), "127.0.0.1") {
		t.Errorf("refused connection: %+v, want retry: connect without the address", *e)
	}
	unknown := channels.NewClient(channels.GuardConfig{Resolver: resolving(t, []netip.Addr{})})
	_, err = unknown.Post(t.Context(), channels.Request{URL: "https://nobody.example.com/secret-token"})
	if e := classOf(t, err); e.Class != channels.Retry || e.Reason != "dns" || strings.Contains(fmt.Sprintf("%+v", *e), "nobody") {
		t.Errorf("unknown name: %+v, want retry: dns without the name", *e)
	}
}

func TestCertificatesAreVerifiedAndACustomCAIsTrusted(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	client := loopback(t, s)
	_, err := client.Post(t.Context(), channels.Request{URL: s.URL})
	if e := classOf(t, err); e.Class != channels.Retry || e.Reason != "tls" {
		t.Errorf("unknown CA: %v, want retry: tls", e)
	}
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	for range 2 {
		got, err := client.Post(t.Context(), channels.Request{URL: s.URL, Rules: channels.Rules{CA: ca}, Repeatable: true})
		if err != nil || got.Status != 204 {
			t.Errorf("custom CA: %d, %v, want 204", got.Status, err)
		}
	}
	_, err = client.Post(t.Context(), channels.Request{URL: s.URL, Rules: channels.Rules{CA: "nonsense"}})
	if e := classOf(t, err); e.Class != channels.Misconfigured || e.Reason != "ca" {
		t.Errorf("broken CA: %v, want misconfigured: ca", e)
	}
}

// A name that was public when the URL was saved and is private now is not dialled.
func TestRebindingIsSeenOnEveryConnection(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	port, _ := strconv.Atoi(s.URL[strings.LastIndexByte(s.URL, ':')+1:])
	client := channels.NewClient(channels.GuardConfig{
		Ports: []int{port}, AllowHTTP: true, Timeout: 2 * time.Second,
		ConnectTimeout: 200 * time.Millisecond, Resolver: resolving(t, addrs("192.0.2.1"), addrs("127.0.0.1")),
	})
	for range 3 {
		_, err := client.Post(t.Context(), channels.Request{URL: fmt.Sprintf("http://flip.example.com:%d/", port), Repeatable: true})
		if e := classOf(t, err); e.Reason != "blocked_address" {
			t.Errorf("Post() = %v, want blocked_address", e)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("the internal server was reached %d times", hits.Load())
	}
}

func TestOperatorsReachPrivateHostsButNoMetadata(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	client := channels.NewClient(channels.GuardConfig{})
	conn, err := client.Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatalf("Dial() to a private host = %v", err)
	}
	_ = conn.Close()
	for _, address := range []string{"169.254.169.254:25", "100.100.100.200:25", "[fe80::1]:25", "0.0.0.0:25"} {
		_, err := client.Dial(t.Context(), address)
		if e := classOf(t, err); e.Reason != "blocked_address" {
			t.Errorf("Dial(%s) = %v, want blocked_address", address, e)
		}
	}
}

// TestKeptConnectionsCostNoTry: whatever a server says to a connection that it kept, the
// message goes over a new one at once.
func TestKeptConnectionsCostNoTry(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{
		"end":                "",
		"408 of an idle one": "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"421 misdirected":    "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newKeeper(t, second)
			c := channels.NewClient(channels.GuardConfig{
				Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true, Ports: []int{s.port()},
			})
			t.Cleanup(c.Close)
			for i := range 2 {
				got, err := c.Post(t.Context(), channels.Request{URL: "http://" + s.Addr().String() + "/", Body: []byte("hi"), Repeatable: true})
				if err != nil || got.Status != 204 {
					t.Fatalf("request %d: Post() = %+v, %v", i+1, got, err)
				}
			}
			if n := s.connections.Load(); n != 2 {
				t.Errorf("%d connections, want two", n)
			}
		})
	}
}

// TestAHalfAnswerIsNoStaleConnection: the server has the message, so that sending it again is
// another attempt's business.
func TestAHalfAnswerIsNoStaleConnection(t *testing.T) {
	t.Parallel()
	s := newKeeper(t, "HTTP/1.1 204")
	c := channels.NewClient(channels.GuardConfig{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true, Ports: []int{s.port()},
	})
	t.Cleanup(c.Close)
	request := channels.Request{URL: "http://" + s.Addr().String() + "/", Body: []byte("hi"), Repeatable: true}
	if got, err := c.Post(t.Context(), request); err != nil || got.Status != 204 {
		t.Fatalf("Post() = %+v, %v", got, err)
	}
	_, err := c.Post(t.Context(), request)
	if e := classOf(t, err); e.Class != channels.Ambiguous || e.Reason != "connection_lost" {
		t.Errorf("Post() = %v, want ambiguous: connection_lost", e)
	}
	if n := s.connections.Load(); n != 1 {
		t.Errorf("%d connections, want one", n)
	}
}

// keeper answers 204 to the first request of each connection, and second to the next.
type keeper struct {
	net.Listener
	connections atomic.Int32
}

func newKeeper(t *testing.T, second string) *keeper {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &keeper{Listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			go serveTwo(conn, second)
		}
	}()
	return s
}

func (s *keeper) port() int { return s.Addr().(*net.TCPAddr).Port }

func serveTwo(conn net.Conn, second string) {
	defer func() { _ = conn.Close() }()
	requests := bufio.NewReader(conn)
	for _, answer := range []string{"HTTP/1.1 204 No Content\r\n\r\n", second} {
		r, err := http.ReadRequest(requests)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(conn, answer)
	}
}
