package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// Backlog is what waits, over all accounts.
type Backlog struct {
	// OutboxDue counts what the workflow engine should have been told by now;
	// OutboxAge is for how long the oldest of it has been due, but
	// for what announcements start, which may take its time.
	OutboxDue int64
	OutboxAge time.Duration
	// Open counts the notifications that have not ended, by status.
	Open map[models.NotificationStatus]int64
}

// Backlog counts what waits. It reads indexes only: outbox_lane, notifications_open.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	const why = "what waits is counted over all accounts"
	b := Backlog{Open: map[models.NotificationStatus]int64{}}
	now, p := s.Now(), s.Platform()
	due := p.rows(ctx, why).Model(&models.OutboxRow{}).Where("lane IN ? AND due_at <= ?", lanes(), now)
	if err := due.Count(&b.OutboxDue).Error; err != nil {
		return b, failed("count outbox", err)
	}
	var oldest []models.OutboxRow
	err := p.rows(ctx, why).Select("due_at").Where("lane = ? AND due_at <= ?", models.LaneUrgent, now).
		Order("lane, due_at").Limit(1).Find(&oldest).Error
	if err != nil {
		return b, failed("find oldest of outbox", err)
	}
	if len(oldest) > 0 {
		b.OutboxAge = now.Sub(oldest[0].DueAt)
	}
	var rows []struct {
		Status models.NotificationStatus
		Number int64
	}
	err = p.rows(ctx, why).Model(&models.Notification{}).Select("status, COUNT(*) AS number").
		Where("status IN ?", open()).Group("status").Find(&rows).Error
	for _, status := range open() {
		b.Open[status] = 0
	}
	for _, row := range rows {
		b.Open[row.Status] = row.Number
	}
	return b, failed("count open notifications", err)
}
