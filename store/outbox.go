package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// startAfter leaves the first start to the process that accepted.
const startAfter = 3 * time.Second

// enqueue asks the dispatcher to act at dueAt; a row that exists is due then.
func (tx TxScope) enqueue(ctx context.Context, kind models.DispatchKind, dueAt time.Time, notifications ...string) error {
	rows := make([]models.OutboxRow, 0, len(notifications))
	for _, id := range notifications {
		rows = append(rows, models.OutboxRow{NotificationID: id, Kind: kind, AccountID: tx.account, DueAt: dueAt})
	}
	if len(rows) == 0 {
		return nil
	}
	rule := clause.OnConflict{
		Columns:   []clause.Column{{Name: "notification_id"}, {Name: "kind"}},
		DoUpdates: clause.AssignmentColumns([]string{"due_at", "tries"}),
	}
	return failed("enqueue", tx.insertOr(ctx, rule, &rows))
}

// dequeue removes the notification's row of the kind. Index: primary key.
func (tx TxScope) dequeue(ctx context.Context, kind models.DispatchKind, notification string) error {
	err := tx.rows(ctx).Where("notification_id = ? AND kind = ?", notification, kind).Delete(&models.OutboxRow{}).Error
	return failed("dequeue", err)
}

// ClaimOutbox returns up to limit rows that are due, oldest first, and leases
// them: they come due again after the lease unless ReleaseOutbox is called. Several
// processes may call it at once; each row goes to one of them. Index: outbox_due.
func (s *Store) ClaimOutbox(ctx context.Context, lease time.Duration, limit int) ([]models.OutboxRow, error) {
	var waiting int64
	due := s.Platform().rows(ctx, "the dispatcher serves all accounts").Model(&models.OutboxRow{}).Where("due_at <= ?", s.Now())
	if err := due.Limit(1).Count(&waiting).Error; err != nil || waiting == 0 {
		return nil, failed("look into outbox", err)
	}
	var rows []models.OutboxRow
	err := s.Write(ctx, func(tx *Tx) error {
		rows = nil
		p := tx.Platform()
		if err := forUpdate(p.outbox(ctx)).Where("due_at <= ?", tx.Now()).
			Order("due_at, notification_id, kind").Limit(limit).Find(&rows).Error; err != nil {
			return failed("claim outbox", err)
		}
		for i := range rows {
			r := &rows[i]
			r.Tries++
			r.DueAt = tx.Now().Add(lease)
			if err := p.row(ctx, *r).Updates(map[string]any{"due_at": r.DueAt, "tries": r.Tries}).Error; err != nil {
				return failed("claim outbox", err)
			}
		}
		return nil
	})
	return rows, err
}

// ReleaseOutbox ends what was claimed and done. A start row stays as a watch
// until the notification is planned: it comes due again when that should have
// happened planWithin ago. Rows that were enqueued again meanwhile stay due.
func (s *Store) ReleaseOutbox(ctx context.Context, done models.OutboxRow, planWithin time.Duration) error {
	return s.Write(ctx, func(tx *Tx) error {
		p := tx.Platform()
		mine := p.row(ctx, done).Where("due_at = ? AND tries = ?", done.DueAt, done.Tries)
		if done.Kind != models.DispatchStart {
			return failed("release outbox", mine.Delete(&models.OutboxRow{}).Error)
		}
		n, err := tx.In(done.AccountID).notificationTimes(ctx, done.NotificationID)
		if err != nil {
			return err
		}
		if n.PlannedAt != nil || n.Status.Final() {
			return failed("release outbox", mine.Delete(&models.OutboxRow{}).Error)
		}
		again := tx.Now()
		if n.ScheduleAt != nil && n.ScheduleAt.After(again) {
			again = *n.ScheduleAt
		}
		return failed("release outbox", mine.Update("due_at", again.Add(planWithin)).Error)
	})
}

func (p Platform) outbox(ctx context.Context) *gorm.DB {
	return p.rows(ctx, "the dispatcher serves all accounts")
}

func (p Platform) row(ctx context.Context, r models.OutboxRow) *gorm.DB {
	return p.outbox(ctx).Model(&models.OutboxRow{}).Where("notification_id = ? AND kind = ?", r.NotificationID, r.Kind)
}
