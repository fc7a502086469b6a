// Package bulkhead keeps one slow destination from taking the calls that others need, in one
// process.
package bulkhead

import (
	"sync"
	"time"
)

// Bulkhead keeps one slow destination from taking what others need: it bounds
// the calls to each destination at the same time in this process, and remembers
// which ones answer slowly. It keeps entries only for destinations in use or slow.
type Bulkhead struct {
	limit     int
	slowAfter time.Duration
	now       func() time.Time

	mu      sync.Mutex
	entries map[string]*lane
}

// awayMost is the longest that a delivery stays away from a destination because
// all calls to it are taken.
const awayMost = 5 * time.Minute

// lane is one destination's share.
type lane struct {
	busy int
	slow bool
	// took is about how long a call lasts; full since when all calls are taken.
	took time.Duration
	full time.Time
	// back is when the last of those who were sent away should come back.
	back time.Time
	// closings counts how often a call learnt that the destination must be left alone,
	// closing how many of them are being recorded.
	closings, closing int
}

// New returns a bulkhead that admits limit calls to one destination at the same time. One whose
// last call took longer than slowAfter is slow.
func New(limit int, slowAfter time.Duration) *Bulkhead {
	return &Bulkhead{limit: limit, slowAfter: slowAfter, now: time.Now, entries: map[string]*lane{}}
}

// Admission is the bulkhead's answer.
type Admission int

// Answers.
const (
	Admitted Admission = iota
	Full               // all calls are taken: come back later
	TooSlow            // it answers too slowly for a caller in a hurry
)

// Enter asks for a call to the destination; whoever is admitted must leave. Who finds
// it full is told how long it will probably take until its turn: thousands who wait
// for a tarpit must not all ask again every few seconds.
func (b *Bulkhead) Enter(destination string, hurry bool) (Admission, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.entries[destination]
	if l == nil {
		l = &lane{}
		b.entries[destination] = l
	}
	switch {
	case l.busy >= b.limit:
		return Full, l.queue(b.now(), b.limit)
	case l.closing > 0: // the record will say for how long
		return Full, 0
	case hurry && l.slow:
		return TooSlow, 0
	}
	if l.busy++; l.busy == b.limit {
		l.full = b.now()
	}
	return Admitted, 0
}

// queue says how long to stay away: one call ends every took ÷ limit. While none has ended
// yet, they last at least for as long as all have been taken.
func (l *lane) queue(now time.Time, limit int) time.Duration {
	if l.back.Before(now) {
		l.back = now
	}
	l.back = l.back.Add(max(l.took, now.Sub(l.full)) / time.Duration(limit))
	if last := now.Add(awayMost); l.back.After(last) {
		l.back = last
	}
	return l.back.Sub(now)
}

// Close says that a call learnt that the destination must be left alone. Until what it
// returns is called, when that is recorded, nobody is admitted.
func (b *Bulkhead) Close(destination string) (recorded func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.entries[destination]
	l.closings++
	l.closing++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		l.closing--
	}
}

// Closings counts those of the destination, as somebody who was admitted to it sees them.
func (b *Bulkhead) Closings(destination string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries[destination].closings
}

// ClosedSince reports whether a call of this process learnt that the destination must be
// left alone since seen was counted, or before and it is not recorded yet. With what is
// recorded, read in between, that is all that this process knows.
func (b *Bulkhead) ClosedSince(destination string, seen int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.entries[destination]
	return l.closing > 0 || l.closings != seen
}

// Leave gives the call back and tells how long it took; 0 when there was none.
func (b *Bulkhead) Leave(destination string, took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.entries[destination]
	l.busy--
	if took > 0 {
		l.learn(took, b.slowAfter)
	}
	if l.busy == 0 && !l.slow {
		delete(b.entries, destination)
	}
}

// learn takes in how long a call took.
func (l *lane) learn(took, slowAfter time.Duration) {
	l.slow = took > slowAfter
	if l.took = (3*l.took + took) / 4; !l.slow {
		l.took, l.back = took, time.Time{} // it works again: nobody needs to wait for long
	}
}
