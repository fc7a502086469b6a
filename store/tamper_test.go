package store

import (
	"testing"
)

// Tamper runs a statement behind the store's back, as somebody with access to the
// database would.
func Tamper(tb testing.TB, s *Store, statement string, values ...any) {
	tb.Helper()
	db := s.engine.Writer.WithContext(tb.Context()).Set(guardUnscoped, "a test tampers")
	if err := db.Exec(statement, values...).Error; err != nil {
		tb.Fatalf("tamper: %v", err)
	}
}
