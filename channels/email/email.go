// Package email sends notifications over SMTP.
package email

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"belfry.dev/belfry/channels"
)

// Config configures the adapter for a deployment.
type Config struct {
	// Client makes the connections.
	Client *channels.Client
	// Domain is the right side of every Message-ID. It must not change: a
	// delivery keeps its Message-ID over attempts, providers and restarts.
	Domain string
	// Now is the clock of the Date header.
	Now func() time.Time
}

// Sender is the adapter. It keeps a few connections per provider.
type Sender struct {
	cfg   Config
	mu    sync.Mutex
	pools map[string]*pool
}

// New returns the adapter.
func New(cfg Config) *Sender {
	return &Sender{cfg: cfg, pools: map[string]*pool{}}
}

const defaultTimeout = 15 * time.Second

// Send hands the message to the provider's server: one recipient, one
// transaction. Accepted means that the server answered 250 to the whole
// message; what happens on the connection afterwards changes nothing.
func (s *Sender) Send(ctx context.Context, t channels.Target, m channels.Message) (channels.Receipt, error) {
	envelope, err := compose(t, m, s.cfg.Domain, s.cfg.Now())
	if err != nil {
		return channels.Receipt{}, err
	}
	timeout := t.Provider.Seconds("timeout_seconds")
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, failed := s.transfer(ctx, s.pool(t.Provider), envelope)
	if failed != nil {
		return channels.Receipt{}, explain(t, m, failed)
	}
	return channels.Receipt{Class: channels.Accepted, Ref: queueID(t, answer), Code: "250", Message: t.Words(answer, m.To, m.Typed)}, nil
}

// transfer hands the letter over, and anew where a kept connection is of no use any more:
// what a server says to that one, about limits or a restart, says nothing of the letter.
func (s *Sender) transfer(ctx context.Context, p *pool, l letter) (string, *failure) {
	conn, failed := p.take(ctx, s.cfg.Client)
	if failed != nil {
		return "", failed
	}
	kept := conn.used > 0
	answer, failed := conn.deliver(ctx, l)
	if failed != nil && kept && failed.ofConnection() && ctx.Err() == nil {
		conn.close()
		if conn, failed = p.redial(ctx, s.cfg.Client); failed != nil {
			return "", failed
		}
		answer, failed = conn.deliver(ctx, l)
	}
	if failed != nil {
		p.give(conn, failed)
		return "", failed
	}
	p.put(conn)
	return answer, nil
}

// queueID is the last word of an answer like "2.0.0 Ok: queued as 4F2A": what
// most servers call the message.
func queueID(t channels.Target, answer string) string {
	words := strings.Fields(t.Code(answer))
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// explain is the outcome of a failure as it may be kept: without secrets and
// without the address.
func explain(t channels.Target, m channels.Message, f *failure) error {
	if e, ok := errors.AsType[*channels.Error](f.cause); ok {
		return e // of the guarded client: clean already
	}
	e := classify(f, m.Attempt)
	e.Code = t.Code(f.code())
	if text := t.Words(f.text(), m.To, m.Typed); text != "" {
		e.Message = text
	}
	if e.Reason == reasonBusy {
		e.Wait = max(e.Wait, t.Provider.Seconds("busy_wait_seconds"))
	}
	return e
}

// pool returns the provider's connections. Settings that are older than those in
// use, or not saved yet, get connections of their own.
func (s *Sender) pool(p channels.Config) *pool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.pools[p.ID]
	if ok && known.version == p.Version {
		return known
	}
	fresh := newPool(p)
	if p.ID == "" || (ok && known.version > p.Version) {
		fresh.close() // keeps nothing
		return fresh
	}
	if ok {
		known.close()
	}
	s.pools[p.ID] = fresh
	return fresh
}

// Close ends the kept connections.
func (s *Sender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, p := range s.pools {
		p.close()
		delete(s.pools, id)
	}
	return nil
}
