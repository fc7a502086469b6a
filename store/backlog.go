package store

import (
	"context"
	"database/sql"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
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
	// SuspendedProviders counts the enabled providers that an operator must repair.
	SuspendedProviders int64
}

// Backlog counts what waits. Indexes: outbox_lane, notifications_open.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	const why = "what waits is counted over all accounts"
	b := Backlog{Open: map[models.NotificationStatus]int64{}}
	now, p := s.Now(), s.Platform()
	due := p.wakeups(ctx).Where("lane IN ? AND due_at <= ?", models.Lanes(), now)
	if err := due.Count(&b.OutboxDue).Error; err != nil {
		return b, failed("count outbox", err)
	}
	var err error
	if b.OutboxAge, err = p.outboxAge(ctx, now); err != nil {
		return b, failed("find oldest of outbox", err)
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
	if err != nil {
		return b, failed("count open notifications", err)
	}
	b.SuspendedProviders, err = s.suspendedProviders(ctx)
	return b, err
}

// outboxAge is for how long the oldest row has been due, of the lanes that nobody lets wait.
func (p Platform) outboxAge(ctx context.Context, now time.Time) (time.Duration, error) {
	var age time.Duration
	for _, lane := range []models.Lane{models.LaneUrgent, models.LaneEntities} {
		var oldest []models.Wakeup
		err := p.wakeups(ctx).Select("due_at").Where("lane = ? AND due_at <= ?", lane, now).Order("lane, due_at").Limit(1).Find(&oldest).Error
		if err != nil {
			return 0, err
		}
		if len(oldest) > 0 {
			age = max(age, now.Sub(oldest[0].DueAt))
		}
	}
	return age, nil
}

// suspendedProviders counts those that could be used otherwise; there are few
// providers. Index: destination_states' primary key.
func (s *Store) suspendedProviders(ctx context.Context) (int64, error) {
	var ids []string
	err := s.Platform().rows(ctx, "providers belong to no account").Model(&models.Provider{}).Where("enabled = ?", true).Pluck("id", &ids).Error
	if err != nil {
		return 0, failed("read providers", err)
	}
	for i, id := range ids {
		ids[i] = models.ProviderDestination(id)
	}
	states, err := s.In(models.Platform).Destinations(ctx, ids...)
	var suspended int64
	for _, state := range states {
		if state.SuspendedAt != nil {
			suspended++
		}
	}
	return suspended, err
}

// Pool is what one pool of database connections does.
type Pool struct {
	// Name is "writer" or "reader"; where one pool does both, "writer".
	Name string
	sql.DBStats
}

// Pools returns what the pools do now.
func (s *Store) Pools() []Pool {
	var pools []Pool
	for i, stats := range s.engine.Stats() {
		pools = append(pools, Pool{Name: [...]string{"writer", "reader"}[i], DBStats: stats})
	}
	return pools
}

// Counts is what was asked of the database since it was opened.
type Counts = engine.Counts

// Counts returns what this process asked so far.
func (s *Store) Counts() Counts { return s.engine.Counts() }
