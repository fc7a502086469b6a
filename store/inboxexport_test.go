package store

import (
	"context"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/logger"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
)

// AppendMessages lets tests fill inboxes without notifications.
func AppendMessages(ctx context.Context, tx TxScope, messages []models.Message) error {
	return tx.messages().append(ctx, messages)
}

// WithSweepLimit makes an inbox change fewer messages in one transaction.
func WithSweepLimit(b TxInbox, limit int) TxInbox {
	b.sweep = limit
	return b
}

// Tracer collects the statements that a store runs.
type Tracer struct {
	logger.Interface
	mu         sync.Mutex
	statements []string
}

// Trace makes a tracer that hears of every statement of the store from now on.
func Trace(s *Store) *Tracer {
	tracer := &Tracer{Interface: logger.Discard}
	s.engine.Reader.Logger, s.engine.Writer.Logger = tracer, tracer
	return tracer
}

// Trace implements gorm's logger.
func (t *Tracer) Trace(_ context.Context, _ time.Time, statement func() (string, int64), _ error) {
	text, _ := statement()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.statements = append(t.statements, text)
}

// Take returns what was heard since the last call.
func (t *Tracer) Take() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := t.statements
	t.statements = nil
	return taken
}

// Explain returns how the database would run the statement, one step per line.
func Explain(ctx context.Context, s *Store, statement string) (string, error) {
	if s.engine.Dialect == engine.MySQL {
		return explainMySQL(ctx, s, statement)
	}
	var steps []struct{ Detail string }
	err := s.Platform().rows(ctx, "test").Raw("EXPLAIN QUERY PLAN " + statement).Scan(&steps).Error
	var lines []string
	for _, step := range steps {
		lines = append(lines, step.Detail)
	}
	return strings.Join(lines, "\n"), err
}

func explainMySQL(ctx context.Context, s *Store, statement string) (string, error) {
	var steps []struct{ Table, Type, Key, Extra string }
	err := s.Platform().rows(ctx, "test").Raw(explainRows + statement).Scan(&steps).Error
	var lines []string
	for _, step := range steps {
		lines = append(lines, strings.Join([]string{step.Table, step.Type, step.Key, step.Extra}, " | "))
	}
	return strings.Join(lines, "\n"), err
}

// Untrace ends what Trace began.
func Untrace(s *Store) {
	s.engine.Reader.Logger, s.engine.Writer.Logger = logger.Discard, logger.Discard
}
