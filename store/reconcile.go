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

// watched selects ids and times of open notifications. Those that are neither planned
// nor scheduled are started by their outbox row.
func (p Platform) watched(ctx context.Context) *gorm.DB {
	return p.rows(ctx, "the reconciler serves all accounts").
		Select("id", "account_id", "status", "schedule_at", "planned_at", "expires_at", "created_at").
		Where("status IN ?", open())
}

// OverdueNotifications returns up to limit open notifications that should have
// moved longer than grace ago: their time to live is over, or a delivery's next
// attempt is due. Usually there are none. Indexes: notifications_open,
// deliveries_due.
func (s *Store) OverdueNotifications(ctx context.Context, grace time.Duration, limit int) ([]models.Notification, error) {
	late := s.Now().Add(-grace)
	p := s.Platform()
	var expired []models.Notification
	if err := p.watched(ctx).Where("expires_at < ?", late).Order("expires_at, id").Limit(limit).Find(&expired).Error; err != nil {
		return nil, failed("find expired notifications", err)
	}
	var ids []string
	err := p.rows(ctx, "the reconciler serves all accounts").Model(&models.Delivery{}).
		Where("state = ? AND next_attempt_at < ?", models.DeliveryPending, late).
		Order("next_attempt_at").Limit(limit).Pluck("notification_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return expired, failed("find overdue deliveries", err)
	}
	var stuck []models.Notification
	if err := p.watched(ctx).Where("id IN ? AND expires_at >= ?", ids, late).Find(&stuck).Error; err != nil {
		return nil, failed("find overdue notifications", err)
	}
	return append(expired, stuck...), nil
}

// OpenNotifications returns up to limit open notifications after the given one
// in the order they expire; the zero value starts. Index: notifications_open.
func (s *Store) OpenNotifications(ctx context.Context, status models.NotificationStatus, after models.Notification, limit int) ([]models.Notification, error) {
	var rows []models.Notification
	q := s.Platform().watched(ctx).Where("status = ?", status)
	if after.ID != "" {
		q = q.Where("expires_at >= ?", after.ExpiresAt).Where("expires_at > ? OR id > ?", after.ExpiresAt, after.ID)
	}
	err := q.Order("expires_at, id").Limit(limit).Find(&rows).Error
	return rows, failed("list open notifications", err)
}
