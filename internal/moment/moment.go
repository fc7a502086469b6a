// Package moment reuses what was read for a moment, so that a question which is
// asked with every request is not asked of the database each time.
package moment

import (
	"sync"
	"time"
)

// Most is how many values a Memory keeps; when it is full, all of them are dropped
// and read again.
const Most = 10_000

// Longest is for how long a value may be reused: who was locked out by another
// process stays in for no longer than that.
const Longest = time.Second

// Memory keeps values by key. It is safe for concurrent use.
type Memory[K comparable, V any] struct {
	now  func() time.Time
	keep time.Duration

	mu    sync.Mutex
	known map[K]kept[V]
	// epoch counts the calls of Forget: what was read before one is not kept.
	epoch int64
}

type kept[V any] struct {
	value V
	until time.Time
}

// New returns an empty Memory that keeps values for the time: Longest where it is
// zero or longer, and not at all where it is negative.
func New[K comparable, V any](now func() time.Time, keep time.Duration) *Memory[K, V] {
	if keep == 0 || keep > Longest {
		keep = Longest
	}
	return &Memory[K, V]{now: now, keep: keep, known: map[K]kept[V]{}}
}

// Get returns the key's value, as it is remembered or else read. Failures are never
// remembered. Callers share the value, and must not change what it points to.
func (m *Memory[K, V]) Get(key K, read func() (V, error)) (V, error) {
	if m.keep < 0 {
		return read()
	}
	value, epoch, ok := m.recall(key)
	if ok {
		return value, nil
	}
	value, err := read()
	if err == nil {
		m.put(key, value, epoch)
	}
	return value, err
}

func (m *Memory[K, V]) recall(key K) (V, int64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.known[key]
	return known.value, m.epoch, ok && m.now().Before(known.until)
}

func (m *Memory[K, V]) put(key K, value V, epoch int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch != m.epoch {
		return
	}
	if len(m.known) >= Most {
		clear(m.known)
	}
	m.known[key] = kept[V]{value: value, until: m.now().Add(m.keep)}
}

// Forget drops everything, and what is being read at this moment when it comes:
// after a change in this process, so that it holds here at once.
func (m *Memory[K, V]) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch++
	clear(m.known)
}
