package channeltest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
)

// HTTP is what the suite must know about an adapter that calls over HTTP.
type HTTP struct {
	// New returns the adapter.
	New func(*channels.Client) channels.Sender
	// Target returns settings that lead to the server, with these secrets in
	// every place that can hold one.
	Target func(url string) channels.Target
	// Secrets must stand in no outcome.
	Secrets []string
	To      string
	// OK is the body of a success with status 200, Success its class.
	OK      string
	Success channels.Class
	// ReadsBody says that only the body makes a success: 200 with anything else
	// is ambiguous.
	ReadsBody bool
	// Statuses are the classes that differ from the common ones.
	Statuses map[int]channels.Class
	// MaxBody bounds a request's body in bytes.
	MaxBody int
	// Unsaid is the wait after a 429 that names none. Default: the schedule's.
	Unsaid time.Duration
	// Mark is how a message names its delivery. Nil: by the whole key.
	Mark func(key string) string
}

// RunHTTP runs the suite.
func RunHTTP(t *testing.T, h HTTP) {
	t.Run("descriptor", func(t *testing.T) { t.Parallel(); Describe(t, h.New(Client(t))) })
	t.Run("statuses", h.statuses)
	t.Run("COM-1 unreadable answers", h.unreadable)
	t.Run("COM-3 COM-4 Retry-After", h.retryAfter)
	t.Run("COM-5 redirect", h.redirect)
	t.Run("COM-6 hanging provider", h.hanging)
	t.Run("COM-7 no secret in outcomes", h.secrets)
	t.Run("hostile answers", h.hostile)
	t.Run("key is stable", h.stableKey)
	t.Run("size", h.size)
	t.Run("cancelled", h.cancelled)
}

// Sink is a server that answers by a function and keeps what it got.
type Sink struct {
	*httptest.Server
	mu       sync.Mutex
	requests []Got
}

// Got is one request that a sink received.
type Got struct {
	Header http.Header
	Body   []byte
	URL    string
}

// NewSink starts a sink; answer may be nil for 204.
func NewSink(t testing.TB, answer http.HandlerFunc) *Sink {
	t.Helper()
	s := &Sink{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.requests = append(s.requests, Got{Header: r.Header.Clone(), Body: body, URL: r.URL.String()})
		s.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		if answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// Requests returns what came in so far.
func (s *Sink) Requests() []Got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Got(nil), s.requests...)
}

func (h HTTP) send(t *testing.T, s *Sink, m channels.Message) (channels.Receipt, error) {
	t.Helper()
	return h.New(Client(t, s.URL)).Send(t.Context(), h.Target(s.URL+"/hook"), m)
}

func (h HTTP) answering(t *testing.T, status int, body string) *Sink {
	t.Helper()
	return NewSink(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// commonStatuses are the classes of docs/channels.md#http-statuses.
var commonStatuses = map[int]channels.Class{
	301: channels.Misconfigured, 302: channels.Misconfigured, 307: channels.Misconfigured, 308: channels.Misconfigured,
	400: channels.Permanent, 401: channels.Misconfigured, 403: channels.Misconfigured, 404: channels.Misconfigured,
	405: channels.Permanent, 408: channels.Retry, 410: channels.Misconfigured, 413: channels.Permanent, 415: channels.Permanent,
	422: channels.Permanent, 425: channels.Retry, 429: channels.RateLimited,
	500: channels.Retry, 502: channels.Retry, 503: channels.Retry, 504: channels.Retry, 599: channels.Retry,
}

func (h HTTP) statuses(t *testing.T) {
	t.Parallel()
	receipt, err := h.send(t, h.answering(t, 200, h.OK), Message(h.To))
	if err != nil || receipt.Class != h.Success {
		t.Errorf("success: Send() = %+v, %v, want %s", receipt, err, h.Success)
	}
	for status, class := range commonStatuses {
		if own, ok := h.Statuses[status]; ok {
			class = own
		}
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			_, err := h.send(t, h.answering(t, status, ""), Message(h.To))
			if e := Failed(t, err); e.Class != class || e.Reason == "" {
				t.Errorf("Send() = %v, want %s with a reason", e, class)
			}
		})
	}
}

func (h HTTP) unreadable(t *testing.T) {
	t.Parallel()
	if !h.ReadsBody {
		t.Skip("the status alone makes a success")
	}
	for name, body := range map[string]string{
		"HTML": "<html><body>tenant must not see this</body></html>", "empty": "", "no code": `{"status":1,"wait":5}`,
		"array": "[]", "null": "null", "cut off": h.OK[:len(h.OK)-1], "two documents": h.OK + h.OK,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := h.send(t, h.answering(t, 200, body), Message(h.To))
			e := Failed(t, err)
			if e.Class != channels.Ambiguous || strings.Contains(e.Message, "tenant must not see this") {
				t.Errorf("Send() = %+v, want ambiguous without the raw text", *e)
			}
		})
	}
}

func (h HTTP) retryAfter(t *testing.T) {
	t.Parallel()
	unsaid := [2]time.Duration{h.Unsaid, h.Unsaid}
	for header, bounds := range map[string][2]time.Duration{
		"7":  {7 * time.Second, 7 * time.Second},
		"-1": unsaid, "soon": unsaid, "": unsaid, "0": unsaid, "000": unsaid, "Sun, 01 Mar 2020 12:00:00 GMT": unsaid,
		"315360000": {24 * time.Hour, 24 * time.Hour},
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): {50 * time.Minute, time.Hour},
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			s := NewSink(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			_, err := h.send(t, s, Message(h.To))
			if e := Failed(t, err); e.Class != channels.RateLimited || e.Wait < bounds[0] || e.Wait > bounds[1] {
				t.Errorf("Send() = %+v, want rate_limited after %v", *e, bounds)
			}
		})
	}
}

func (h HTTP) redirect(t *testing.T) {
	t.Parallel()
	other := NewSink(t, nil)
	s := NewSink(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	_, err := h.New(Client(t, s.URL, other.URL)).Send(t.Context(), h.Target(s.URL+"/hook"), Message(h.To))
	if e := Failed(t, err); e.Class != channels.Misconfigured || e.Reason != "redirect" {
		t.Errorf("Send() = %v, want misconfigured: redirect", e)
	}
	if n := len(other.Requests()); n != 0 {
		t.Errorf("the other host got %d requests", n)
	}
}

func (h HTTP) hanging(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := NewSink(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	quick := h.answering(t, 200, h.OK)
	sender := h.New(Client(t, slow.URL, quick.URL))
	failed := make(chan error, 8)
	for range cap(failed) {
		go func() {
			_, err := sender.Send(t.Context(), h.Target(slow.URL+"/hook"), Message(h.To))
			failed <- err
		}()
	}
	if _, err := sender.Send(t.Context(), h.Target(quick.URL+"/hook"), Message(h.To)); err != nil {
		t.Errorf("another destination is affected: %v", err)
	}
	for range cap(failed) {
		if e := Failed(t, <-failed); e.Class != channels.Ambiguous || e.Reason != "timeout" {
			t.Errorf("Send() = %v, want ambiguous: timeout", e)
		}
	}
}

// secrets lets the provider throw everything back that it got.
func (h HTTP) secrets(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 400, 401, 403, 404, 410, 422, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := NewSink(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(status)
				_ = r.Write(w)
				_, _ = io.WriteString(w, url.QueryEscape(r.URL.String())+strings.Join(h.Secrets, " "))
			})
			receipt, err := h.send(t, s, Message(h.To))
			secrets := h.Secrets
			for _, got := range s.Requests() {
				secrets = append(secrets, strings.Fields(got.Header.Get("Webhook-Signature"))...)
				secrets = append(secrets, got.Header.Get("Authorization"))
			}
			Hides(t, receipt, secrets)
			if err != nil {
				Hides(t, Failed(t, err), secrets)
			}
		})
	}
	_, err := h.New(Client(t)).Send(t.Context(), h.Target("http://127.0.0.1:9/hook"), Message(h.To))
	Hides(t, Failed(t, err), h.Secrets)
}

// hostile answers end in time, in little memory, and never look like a success
// to an adapter that reads the body.
func (h HTTP) hostile(t *testing.T) {
	t.Parallel()
	big := bytes.Repeat([]byte("x"), 32<<10)
	for name, answer := range map[string]http.HandlerFunc{
		"endless body": func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(big); err != nil {
					return
				}
			}
		},
		"gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 2048 {
				_, _ = z.Write(big)
			}
			_ = z.Close()
		},
		"huge header": hijack(func(c net.Conn) { _, _ = fmt.Fprintf(c, "HTTP/1.1 500 X\r\nA: %s\r\n\r\n", strings.Repeat("h", 1<<20)) }),
		"reset":       hijack(func(net.Conn) {}),
		"slow drip": hijack(func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 500 X\r\nContent-Length: 50\r\n\r\n")
			_, _ = c.Read(make([]byte, 1))
		}),
		"deep JSON": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(`{"a":`, 9000)+"1"+strings.Repeat("}", 9000))
		},
		"broken UTF-8": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = w.Write([]byte{0xff, 0xfe, 0, 27})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			receipt, err := h.send(t, NewSink(t, answer), Message(h.To))
			if err == nil && h.ReadsBody {
				t.Errorf("Send() = %+v, want a failure", receipt)
			}
			if err != nil && !utf8.ValidString(Failed(t, err).Message) {
				t.Error("the message is not UTF-8")
			}
		})
	}
}

func hijack(write func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		write(conn)
	}
}

func (h HTTP) stableKey(t *testing.T) {
	t.Parallel()
	s := h.answering(t, 200, h.OK)
	m := Message(h.To)
	mark := m.Key
	if h.Mark != nil {
		mark = h.Mark(m.Key)
	}
	for m.Attempt = 1; m.Attempt <= 3; m.Attempt++ {
		if _, err := h.send(t, s, m); err != nil {
			t.Fatal(err)
		}
	}
	for i, got := range s.Requests() {
		if !strings.Contains(string(got.Body)+got.Header.Get("Webhook-Id"), mark) {
			t.Errorf("request %d does not carry the delivery's key", i+1)
		}
	}
}

func (h HTTP) size(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"chinese": strings.Repeat("告警😀", 20000), "quotes": strings.Repeat(`"\<`, 40000), "controls": strings.Repeat("\n\x01", 40000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := h.answering(t, 200, h.OK)
			m := Message(h.To)
			m.Rendered.Body, m.Rendered.Short, m.Rendered.Text = text, text, text
			m.Data = map[string]string{"long": text}
			if _, err := h.send(t, s, m); err != nil {
				t.Fatal(err)
			}
			if got := s.Requests()[0].Body; len(got) > h.MaxBody || !utf8.Valid(got) {
				t.Errorf("the body has %d bytes, want at most %d of UTF-8", len(got), h.MaxBody)
			}
		})
	}
}

func (h HTTP) cancelled(t *testing.T) {
	t.Parallel()
	s := NewSink(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.New(Client(t, s.URL)).Send(ctx, h.Target(s.URL+"/hook"), Message(h.To))
	if e := Failed(t, err); e.Class != channels.Retry || len(s.Requests()) != 0 {
		t.Errorf("Send() = %v with %d requests, want retry and none", e, len(s.Requests()))
	}
}

// Says is a server that answers 200 and the body.
func Says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}
