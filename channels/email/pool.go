package email

import (
	"context"
	"sync"
	"time"

	"belfry.dev/belfry/channels"
)

// How long a connection is used. Source: docs/channels.md#e-mail.
const (
	defaultConnections = 8
	maxMessages        = 100
	maxAge             = 5 * time.Minute
	maxIdle            = 30 * time.Second
)

// pool holds the connections to one provider with one version of its settings.
type pool struct {
	version  int64
	settings channels.Settings
	slots    chan struct{}
	mu       sync.Mutex
	idle     []*session
	closed   bool
}

func newPool(p channels.Config) *pool {
	return &pool{version: p.Version, settings: p.Settings, slots: make(chan struct{}, max(p.Int("connections", defaultConnections), 1))}
}

// take returns a connection that is ready for a message. It waits while all
// connections that the settings allow are in use.
func (p *pool) take(ctx context.Context, client *channels.Client) (*session, *failure) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &failure{stage: stageConnect, cause: ctx.Err()}
	}
	if s := p.pop(); s != nil {
		if s.fresh(ctx) {
			return s, nil
		}
		s.close()
		p.drop() // they are as old, to the same server
	}
	return p.redial(ctx, client)
}

// redial makes a connection in the place of one that was taken; the place is free again
// where it fails.
func (p *pool) redial(ctx context.Context, client *channels.Client) (*session, *failure) {
	s, failed := dial(ctx, client, p.settings)
	if failed != nil {
		<-p.slots
		return nil, failed
	}
	return s, nil
}

func (p *pool) pop() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	s := p.idle[n-1]
	p.idle = p.idle[:n-1]
	s.expiry.Stop()
	return s
}

// put gives a connection back for the next message.
func (p *pool) put(s *session) {
	defer func() { <-p.slots }()
	p.mu.Lock()
	keep := !p.closed && !s.conn.spoiled && s.used < maxMessages && time.Since(s.born) < maxAge
	if keep {
		p.idle = append(p.idle, s)
		s.expiry = time.AfterFunc(maxIdle, func() { p.expire(s) })
	}
	p.mu.Unlock()
	if !keep {
		s.quit()
	}
}

// give is put after a failure: the connection is kept when the server answered
// and still talks.
func (p *pool) give(s *session, f *failure) {
	if f.talks() {
		p.put(s)
		return
	}
	s.close()
	<-p.slots
}

// expire ends a connection that nobody took for a while.
func (p *pool) expire(s *session) {
	p.mu.Lock()
	found := false
	for i, each := range p.idle {
		if each == s {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			found = true
			break
		}
	}
	p.mu.Unlock()
	if found {
		s.quit()
	}
}

// drop ends what is idle, without a word.
func (p *pool) drop() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, s := range idle {
		s.expiry.Stop()
		s.close()
	}
}

// close ends what is idle, and lets nothing be kept from now on.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, s := range idle {
		s.expiry.Stop()
		s.quit()
	}
}
