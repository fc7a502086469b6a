package store

import (
	"testing"

	"belfry.dev/belfry/models"
)

// Tamper runs a statement behind the store's back, as somebody with access to the
// database would; the account is its only variable.
func Tamper(t testing.TB, s *Store, statement string, account models.AccountID) {
	t.Helper()
	db := s.engine.Writer.WithContext(t.Context()).Set(guardUnscoped, "a test tampers")
	if err := db.Exec(statement, account).Error; err != nil {
		t.Fatalf("tamper: %v", err)
	}
}
