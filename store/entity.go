package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// open are the statuses of notifications that a workflow must look after.
func open() []models.NotificationStatus {
	return []models.NotificationStatus{models.StatusScheduled, models.StatusPending}
}

// OverdueEntities returns up to limit entities of the type for which something should
// have happened longer than grace ago; usually none. Indexes: those of EntityType.
func (h Wakeups) OverdueEntities(ctx context.Context, t models.EntityType, grace time.Duration, limit int) ([]models.Due, error) {
	late := h.s.Now().Add(-grace)
	var rows []models.Due
	for _, status := range t.Statuses() {
		var some []models.Due
		q := h.entities(ctx, t, status).Where(t.NextAt+" < ?", late)
		if err := q.Order(t.NextAt + ", id").Limit(limit).Scan(&some).Error; err != nil {
			return nil, failed("find overdue entities", err)
		}
		rows = append(rows, some...)
	}
	if t.Kind != models.EntityNotification {
		return rows, nil
	}
	stuck, err := h.stuckNotifications(ctx, t, late, limit)
	return append(rows, stuck...), err
}

// stuckNotifications returns open notifications with a delivery whose next attempt is late.
// Indexes: deliveries_due, primary key.
func (h Wakeups) stuckNotifications(ctx context.Context, t models.EntityType, late time.Time, limit int) ([]models.Due, error) {
	var ids []string
	err := h.s.Platform().rows(ctx, everyEntity).Model(&models.Delivery{}).
		Where("state = ? AND next_attempt_at < ?", models.DeliveryPending, late).
		Order("next_attempt_at").Limit(limit).Pluck("notification_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return nil, failed("find overdue deliveries", err)
	}
	var rows []models.Due
	err = h.entities(ctx, t, "").Where("id IN ? AND status IN ? AND expires_at >= ?", ids, open(), late).Scan(&rows).Error
	return rows, failed("find overdue notifications", err)
}

// OpenEntities returns up to limit entities of the type that a workflow must look after,
// those to act first before others, after the given one; the zero value starts. status is
// one of the type's, or "" when it has none. Indexes: those of EntityType.
func (h Wakeups) OpenEntities(ctx context.Context, t models.EntityType, status string, after models.Due, limit int) ([]models.Due, error) {
	q := h.entities(ctx, t, status).Where(t.NextAt + " IS NOT NULL")
	if after.ID != "" {
		q = q.Where(t.NextAt+" >= ?", after.NextAt).Where(t.NextAt+" > ? OR id > ?", after.NextAt, after.ID)
	}
	var rows []models.Due
	err := q.Order(t.NextAt + ", id").Limit(limit).Scan(&rows).Error
	return rows, failed("list open entities", err)
}

// entities selects entities of the type as models.Due, in the status unless that is "".
// A notification without recipients that is due has a row of the outbox.
func (h Wakeups) entities(ctx context.Context, t models.EntityType, status string) *gorm.DB {
	columns := "id, account_id, created_at, " + t.NextAt + " AS next_at"
	if t.Kind == models.EntityNotification {
		columns += ", (status = 'pending' AND planned_at IS NULL) AS queued"
	}
	q := h.s.Platform().rows(ctx, everyEntity).Table(t.Table).Select(columns)
	if status != "" {
		q = q.Where("status = ?", status)
	}
	return q
}
