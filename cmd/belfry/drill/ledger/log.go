package ledger

import (
	"sync"
	"time"
)

// Submission is one line of a producer's log.
type Submission struct {
	// Key is the idempotency key.
	Key string
	// Account is the id of the account it is about.
	Account string
	// IDs are what 202 answers to it named, one for each; empty when none came.
	IDs []string
	// SentAt is when it was first to be sent, AcceptedAt when the first 202 came.
	SentAt, AcceptedAt time.Time
}

// Log is what a producer writes down. It may be used by several at once.
type Log struct {
	mu       sync.Mutex
	byKey    map[string]*Submission
	accepted int
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{byKey: map[string]*Submission{}} }

// Sent notes a submission before its first try; later calls for the key do nothing.
func (l *Log) Sent(key, account string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey[key] == nil {
		l.byKey[key] = &Submission{Key: key, Account: account, SentAt: at}
	}
}

// Answered notes the id that a 202 named for a key that was sent, and returns how
// many keys are accepted by now.
func (l *Log) Answered(key, id string, at time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byKey[key]
	if len(s.IDs) == 0 {
		s.AcceptedAt = at
		l.accepted++
	}
	s.IDs = append(s.IDs, id)
	return l.accepted
}

// Accepted counts the keys that a 202 came for.
func (l *Log) Accepted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.accepted
}

// Submissions returns a copy of all lines, in no order.
func (l *Log) Submissions() []Submission {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Submission, 0, len(l.byKey))
	for _, s := range l.byKey {
		line := *s
		line.IDs = append([]string(nil), s.IDs...)
		out = append(out, line)
	}
	return out
}
