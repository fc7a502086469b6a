package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
)

// Wake is wake, for tests.
func (tx TxScope) Wake(ctx context.Context, kind models.EntityKind, ids ...string) error {
	return tx.wakes().wake(ctx, kind, ids...)
}

// EarlierWakes does what a process of the previous release does when entities changed: it
// writes one row for a notification, and one for an invitation.
func EarlierWakes(ctx context.Context, s *Store, account models.AccountID, notification, invitation string) error {
	db := s.engine.Writer.WithContext(ctx).Set(guardUnscoped, "a test plays the previous release")
	err := db.Exec("INSERT INTO outbox (notification_id, kind, account_id, lane, due_at, tries, trace) VALUES (?, 'cancel', ?, 0, ?, 0, '')",
		notification, account, s.Now()).Error
	if err != nil {
		return err
	}
	return db.Exec("INSERT INTO wakeups (subject_id, kind, account_id, due_at, tries) VALUES (?, 'invitation', ?, ?, 0)",
		invitation, account, s.Now()).Error
}

// EarlierLease does what a dispatcher of the previous release does with wake-ups: it takes
// them until the instant.
func EarlierLease(ctx context.Context, s *Store, until time.Time) error {
	db := s.engine.Writer.WithContext(ctx).Set(guardUnscoped, "a test plays the previous release")
	return db.Exec("UPDATE wakeups SET due_at = ?, tries = tries + 1", until).Error
}

// EarlierClaim returns the ids that a dispatcher of the previous release finds due in the
// outbox, and takes for notifications.
func EarlierClaim(ctx context.Context, s *Store) (ids []string, err error) {
	db := s.engine.Reader.WithContext(ctx).Set(guardUnscoped, "a test plays the previous release")
	err = db.Raw("SELECT notification_id FROM outbox WHERE lane IN (0, 1) AND due_at <= ? ORDER BY notification_id", s.Now()).Scan(&ids).Error
	return ids, err
}

// Analyse brings the statistics of the outbox and of all entities up to date: without them
// the optimiser guesses.
func Analyse(ctx context.Context, s *Store) error {
	if s.engine.Dialect != engine.MySQL {
		return nil
	}
	db := s.engine.Writer.WithContext(ctx).Set(guardUnscoped, "a test analyses")
	return db.Exec("ANALYZE TABLE outbox, wakeups, notifications, deliveries, invitations, resources, announcements").Error
}
