package activities

import (
	"sync"
	"time"
)

// bulkhead keeps one slow destination from taking what others need: it bounds
// the calls to each destination at the same time in this process, and remembers
// which ones answer slowly. It keeps entries only for destinations in use or slow.
type bulkhead struct {
	limit     int
	slowAfter time.Duration

	mu      sync.Mutex
	entries map[string]*lane
}

// lane is one destination's share.
type lane struct {
	busy int
	slow bool
}

func newBulkhead(cfg Config) *bulkhead {
	return &bulkhead{limit: cfg.Concurrency, slowAfter: cfg.SlowAfter, entries: map[string]*lane{}}
}

// admission is the bulkhead's answer.
type admission int

const (
	admitted admission = iota
	full               // all calls are taken: come back later
	tooSlow            // it answers too slowly for a caller in a hurry
)

// enter asks for a call to the destination; whoever is admitted must leave.
func (b *bulkhead) enter(destination string, hurry bool) admission {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.entries[destination]
	if l == nil {
		l = &lane{}
		b.entries[destination] = l
	}
	switch {
	case l.busy >= b.limit:
		return full
	case hurry && l.slow:
		return tooSlow
	}
	l.busy++
	return admitted
}

// leave gives the call back and tells how long it took.
func (b *bulkhead) leave(destination string, took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.entries[destination]
	l.busy--
	l.slow = took > b.slowAfter
	if l.busy == 0 && !l.slow {
		delete(b.entries, destination)
	}
}
