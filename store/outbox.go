package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// The first start of a notification is left to the process that accepted it as it was
// submitted. What a transaction or a step of a workflow makes has nobody but the
// dispatcher, at once.
const (
	bySubmitter  = 3 * time.Second
	byDispatcher = time.Duration(0)
)

// bulkWindow bounds the workflows of the bulk lane that were started, but have not
// planned yet, over all processes: what is started besides waits behind as many in
// the engine, and no more.
const bulkWindow = 200

// laneOf is the lane of the notification's start. Announcements make many at once,
// and nobody waits for one of them.
func laneOf(n models.Notification) models.Lane {
	if n.Source == models.SourceAnnouncement {
		return models.LaneBulk
	}
	return models.LaneUrgent
}

// startOf is the row that has the notification's workflow started by the dispatcher
// unless it runs by then.
func startOf(n models.Notification, by time.Duration, trace string) models.OutboxRow {
	return models.OutboxRow{
		NotificationID: n.ID, Kind: models.DispatchStart, AccountID: n.AccountID, Lane: laneOf(n), DueAt: n.CreatedAt.Add(by), Trace: trace,
	}
}

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

// ClaimOutbox returns up to limit rows that are due, the urgent lane before the bulk
// lane and oldest first in each, and leases them: they come due again after the
// lease unless ReleaseOutbox is called. Several processes may call it at once; each
// row goes to one of them. Of the bulk lane no more are in the engine's hands at the
// same time than fit its window. Index: outbox_lane.
func (s *Store) ClaimOutbox(ctx context.Context, lease time.Duration, limit int) ([]models.OutboxRow, error) {
	waiting, err := s.Platform().outboxDue(ctx, s.Now())
	if err != nil || !waiting {
		return nil, failed("look into outbox", err)
	}
	var rows []models.OutboxRow
	err = s.Write(ctx, func(tx *Tx) error {
		p := tx.Platform()
		var err error
		if rows, err = p.dueIn(ctx, models.LaneUrgent, limit); err != nil {
			return failed("claim outbox", err)
		}
		room, err := p.bulkRoom(ctx, limit-len(rows))
		if err != nil {
			return failed("claim outbox", err)
		}
		bulk, err := p.dueIn(ctx, models.LaneBulk, room)
		if err != nil {
			return failed("claim outbox", err)
		}
		rows = append(rows, bulk...)
		return failed("claim outbox", p.lease(ctx, rows, tx.Now().Add(lease)))
	})
	return rows, err
}

// outboxDue reports whether something is due in any lane.
func (p Platform) outboxDue(ctx context.Context, now time.Time) (bool, error) {
	var due int64
	q := p.outbox(ctx).Model(&models.OutboxRow{}).Where("lane IN ? AND due_at <= ?", lanes(), now)
	err := q.Limit(1).Count(&due).Error
	return due > 0, err
}

func lanes() []models.Lane { return []models.Lane{models.LaneUrgent, models.LaneBulk} }

// dueIn locks up to limit rows of the lane that are due, oldest first.
func (tx TxPlatform) dueIn(ctx context.Context, lane models.Lane, limit int) ([]models.OutboxRow, error) {
	var rows []models.OutboxRow
	if limit <= 0 {
		return nil, nil
	}
	err := forUpdate(tx.outbox(ctx)).Where("lane = ? AND due_at <= ?", lane, tx.now()).
		Order("lane, due_at, notification_id, kind").Limit(limit).Find(&rows).Error
	return rows, err
}

// bulkRoom is how many of the bulk lane may be claimed: most, unless those that are
// leased or watched fill the window.
func (tx TxPlatform) bulkRoom(ctx context.Context, most int) (int, error) {
	var begun int64
	err := tx.outbox(ctx).Model(&models.OutboxRow{}).Where("lane = ? AND due_at > ?", models.LaneBulk, tx.now()).Count(&begun).Error
	return min(most, bulkWindow-int(begun)), err
}

// lease moves the rows to the instant and counts the try. Index: primary key.
func (tx TxPlatform) lease(ctx context.Context, rows []models.OutboxRow, until time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	keys := make([][]any, len(rows))
	for i := range rows {
		keys[i] = []any{rows[i].NotificationID, rows[i].Kind}
		rows[i].DueAt, rows[i].Tries = until, rows[i].Tries+1
	}
	return tx.outbox(ctx).Model(&models.OutboxRow{}).Where("(notification_id, kind) IN ?", keys).
		Updates(map[string]any{"due_at": until, "tries": gorm.Expr("tries + 1")}).Error
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
		if models.CodeOf(err) == models.CodeNotFound { // retention was faster
			return failed("release outbox", mine.Delete(&models.OutboxRow{}).Error)
		}
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
