// Package flaky puts a line between two parts of a test that can be cut, silenced,
// slowed and shortened, and heals when the test says so.
package flaky

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Line leads to a server.
type Line struct {
	t     testing.TB
	proxy *toxiproxy.Proxy
}

// New returns a line to the server at the address, "host:port", that works. It
// ends with the test.
func New(t testing.TB, upstream string) *Line {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &Line{t: t, proxy: toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", upstream)}
	if err := l.proxy.Start(); err != nil {
		t.Fatalf("start a line to %s: %v", upstream, err)
	}
	t.Cleanup(l.proxy.Stop)
	return l
}

// Address is where the line begins; it stays.
func (l *Line) Address() string { return l.proxy.Listen }

// Cut ends all connections and refuses new ones.
func (l *Line) Cut() { l.proxy.Stop() }

// Silence lets nothing through any more, and tells neither side: what is sent is
// lost, as behind a firewall that drops.
func (l *Line) Silence() {
	l.add("timeout", "upstream", map[string]any{"timeout": 0})
	l.add("timeout", "downstream", map[string]any{"timeout": 0})
}

// Slow delays all that the server answers.
func (l *Line) Slow(delay time.Duration) {
	l.add("latency", "downstream", map[string]any{"latency": delay.Milliseconds()})
}

// DropAnswers ends each connection once so many bytes came from the server on it.
func (l *Line) DropAnswers(bytes int) {
	l.add("limit_data", "downstream", map[string]any{"bytes": bytes})
}

// DropRequests ends each connection once so many bytes went to the server on it.
func (l *Line) DropRequests(bytes int) {
	l.add("limit_data", "upstream", map[string]any{"bytes": bytes})
}

// Heal makes the line work again.
func (l *Line) Heal() {
	l.t.Helper()
	l.proxy.Toxics.ResetToxics(context.Background()) // it is short, and must be whole
	if l.proxy.Enabled {
		return
	}
	if err := l.proxy.Start(); err != nil {
		l.t.Fatalf("heal the line to %s: %v", l.proxy.Upstream, err)
	}
}

func (l *Line) add(kind, stream string, attributes map[string]any) {
	l.t.Helper()
	text, err := json.Marshal(map[string]any{"name": kind + "_" + stream, "type": kind, "stream": stream, "attributes": attributes})
	if err == nil {
		_, err = l.proxy.Toxics.AddToxicJson(bytes.NewReader(text))
	}
	if err != nil {
		l.t.Fatalf("trouble the line to %s: %v", l.proxy.Upstream, err)
	}
}
