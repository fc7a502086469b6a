package store

import (
	"context"
	"database/sql"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
	"gorm.io/gorm"
)

// Backlog is what waits, over all accounts.
type Backlog struct {
	// OutboxDue counts what the workflow engine should have been told by now;
	// OutboxAge is for how long the oldest of it has been due, but
	// for what announcements start, which may take its time.
	OutboxDue int64
	OutboxAge time.Duration
	// BulkAge is for how long the oldest of what announcements start has been due.
	BulkAge time.Duration
	// Overdue is for how long the oldest thing of each kind waits that its workflow
	// should have done: 0 when none does.
	Overdue map[models.EntityKind]time.Duration
	// Open counts the notifications that have not ended, by status.
	Open map[models.NotificationStatus]int64
	// SuspendedProviders counts the enabled providers that an operator must repair.
	SuspendedProviders int64
	// Bots counts the enabled bots, SuspendedBots those of them that their owner must
	// repair.
	Bots          int64
	SuspendedBots int64
	// UnsealedAge is for how long the oldest row of an operation log has waited for
	// its seal.
	UnsealedAge time.Duration
}

const everyBacklog = "what waits is counted over all accounts"

// Figures is what operators watch.
type Figures struct{ s *Store }

// Figures returns what operators watch.
func (s *Store) Figures() Figures { return Figures{s: s} }

// Backlog counts what waits.
func (h Figures) Backlog(ctx context.Context) (Backlog, error) {
	b := Backlog{Open: map[models.NotificationStatus]int64{}, Overdue: map[models.EntityKind]time.Duration{}}
	steps := []func(context.Context, *Store, *Backlog) error{
		countOutbox, countOpen, findOverdue, countSuspended, findUnsealed,
	}
	for _, step := range steps {
		if err := step(ctx, h.s, &b); err != nil {
			return b, err
		}
	}
	return b, nil
}

// countOutbox fills what the engine should have been told. Index: outbox_lane.
func countOutbox(ctx context.Context, s *Store, b *Backlog) error {
	due := s.Platform().wakeups(ctx).Where("lane IN ? AND due_at <= ?", models.Lanes(), s.Now())
	if err := due.Count(&b.OutboxDue).Error; err != nil {
		return failed("count outbox", err)
	}
	var err error
	if b.OutboxAge, err = oldestDue(ctx, s, models.LaneUrgent, models.LaneEntities); err != nil {
		return err
	}
	b.BulkAge, err = oldestDue(ctx, s, models.LaneBulk)
	return err
}

// oldestDue is for how long the oldest row of the lanes has been due. Index: outbox_lane.
func oldestDue(ctx context.Context, s *Store, lanes ...models.Lane) (time.Duration, error) {
	now := s.Now()
	var age time.Duration
	for _, lane := range lanes {
		var oldest []models.Wakeup
		err := s.Platform().wakeups(ctx).Select("due_at").Where("lane = ? AND due_at <= ?", lane, now).
			Order("lane, due_at").Limit(1).Find(&oldest).Error
		if err != nil {
			return 0, failed("find oldest of outbox", err)
		}
		if len(oldest) > 0 {
			age = max(age, now.Sub(oldest[0].DueAt))
		}
	}
	return age, nil
}

// countOpen counts what has not ended. Index: notifications_open.
func countOpen(ctx context.Context, s *Store, b *Backlog) error {
	var rows []struct {
		Status models.NotificationStatus
		Number int64
	}
	err := s.Platform().rows(ctx, everyBacklog).Model(&models.Notification{}).Select("status, COUNT(*) AS number").
		Where("status IN ?", open()).Group("status").Find(&rows).Error
	for _, status := range open() {
		b.Open[status] = 0
	}
	for _, row := range rows {
		b.Open[row.Status] = row.Number
	}
	return failed("count open notifications", err)
}

// findOverdue looks at what waits for its instant, by kind; what notifications wait for is
// counted by their deliveries. Indexes: those of EntityType.
func findOverdue(ctx context.Context, s *Store, b *Backlog) error {
	for _, t := range models.EntityTypes() {
		if t.Kind == models.EntityNotification {
			continue
		}
		b.Overdue[t.Kind] = 0
		oldest, err := s.Wakeups().OverdueEntities(ctx, t, 0, 1)
		if err != nil {
			return err
		}
		if len(oldest) > 0 {
			b.Overdue[t.Kind] = s.Now().Sub(oldest[0].NextAt)
		}
	}
	return nil
}

// countSuspended counts what somebody must repair; there are few of each. Indexes:
// destination_states' and bots' primary keys.
func countSuspended(ctx context.Context, s *Store, b *Backlog) error {
	var err error
	if b.SuspendedProviders, err = s.Figures().suspendedProviders(ctx); err != nil {
		return err
	}
	bots := s.Platform().rows(ctx, everyBacklog).Model(&models.Bot{}).Where("enabled = ?", true)
	if err := bots.Count(&b.Bots).Error; err != nil {
		return failed("count bots", err)
	}
	suspended := s.Platform().rows(ctx, everyBacklog).Model(&models.DestinationState{}).
		Where("suspended_at IS NOT NULL AND destination IN (?)",
			s.Platform().rows(ctx, everyBacklog).Model(&models.Bot{}).Select("CONCAT('"+models.BotDestination("")+"', id)").Where("enabled = ?", true))
	return failed("count suspended bots", suspended.Count(&b.SuspendedBots).Error)
}

// findUnsealed looks for the oldest row that no seal covers. Indexes: the primary keys.
func findUnsealed(ctx context.Context, s *Store, b *Backlog) error {
	var oldest []struct{ At time.Time }
	err := s.Platform().rows(ctx, everyBacklog).Raw(`SELECT o.at AS at FROM operation_heads h
		LEFT JOIN (SELECT account_id, MAX(seq) AS seq FROM seals GROUP BY account_id) s ON s.account_id = h.account_id
		JOIN operation_logs o ON o.account_id = h.account_id AND o.seq = COALESCE(s.seq, 0) + 1
		WHERE h.seq > COALESCE(s.seq, 0) ORDER BY o.at LIMIT 1`).Scan(&oldest).Error
	if err == nil && len(oldest) == 1 {
		b.UnsealedAge = max(0, s.Now().Sub(oldest[0].At))
	}
	return failed("find unsealed operations", err)
}

// Waiting is what has waited longest of what should have been sent by now; nil for nothing.
type Waiting struct {
	// Oldest is when the notification was accepted, Late when the attempt was due.
	Oldest, Late *time.Time
}

// Waiting looks for what has waited longest, among the notifications that expire first.
// Indexes: notifications_open, deliveries_due.
func (h Figures) Waiting(ctx context.Context) (Waiting, error) {
	const within = 10_000
	var w Waiting
	all := func(model any) *gorm.DB { return h.s.Platform().rows(ctx, everyBacklog).Model(model) }
	pending := all(&models.Notification{}).Select("created_at").Where("status = ?", models.StatusPending).Order("expires_at, id").Limit(within)
	var accepted, due []time.Time
	err := all(&models.Notification{}).Table("(?) AS pending", pending).Order("created_at").Limit(1).Pluck("created_at", &accepted).Error
	if err != nil {
		return w, failed("find the oldest notification", err)
	}
	err = all(&models.Delivery{}).Where("state = ? AND next_attempt_at <= ?", models.DeliveryPending, h.s.Now()).
		Order("next_attempt_at").Limit(1).Pluck("next_attempt_at", &due).Error
	if len(accepted) > 0 {
		w.Oldest = &accepted[0]
	}
	if len(due) > 0 {
		w.Late = &due[0]
	}
	return w, failed("find the latest attempt", err)
}

// Suspended returns the destinations of all accounts that somebody must repair; there are as
// many as bots and providers. Index: primary key.
func (h Figures) Suspended(ctx context.Context, limit int) ([]models.DestinationState, error) {
	var rows []models.DestinationState
	err := h.s.Platform().rows(ctx, everyBacklog).Where("suspended_at IS NOT NULL").Order("destination").Limit(limit).Find(&rows).Error
	return rows, failed("find suspended destinations", err)
}

// suspendedProviders counts those that could be used otherwise; there are few
// providers. Index: destination_states' primary key.
func (h Figures) suspendedProviders(ctx context.Context) (int64, error) {
	var ids []string
	err := h.s.Platform().rows(ctx, "providers belong to no account").Model(&models.Provider{}).Where("enabled = ?", true).Pluck("id", &ids).Error
	if err != nil {
		return 0, failed("read providers", err)
	}
	for i, id := range ids {
		ids[i] = models.ProviderDestination(id)
	}
	states, err := h.s.In(models.Platform).Destinations().States(ctx, ids...)
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
func (h Figures) Pools() []Pool {
	var pools []Pool
	for i, stats := range h.s.engine.Stats() {
		pools = append(pools, Pool{Name: [...]string{"writer", "reader"}[i], DBStats: stats})
	}
	return pools
}

// Counts is what was asked of the database since it was opened.
type Counts = engine.Counts

// Counts returns what this process asked so far.
func (h Figures) Counts() Counts { return h.s.engine.Counts() }
