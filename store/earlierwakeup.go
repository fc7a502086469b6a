package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// earlierWakeup is a wake-up as the previous release writes it, for whatever is no
// notification.
type earlierWakeup struct {
	EntityID  string `gorm:"column:subject_id;primaryKey"`
	Kind      models.EntityKind
	AccountID models.AccountID
	DueAt     time.Time
}

// TableName is the table's name.
func (earlierWakeup) TableName() string { return "wakeups" }

// adoptWakeups moves up to limit rows that are due into the outbox: processes of the
// previous release may write them as long as they run, and rows may be left of them. What
// one of its dispatchers has leased is not due. Index: wakeups_due.
func (h Wakeups) adoptWakeups(ctx context.Context, limit int) error {
	var waiting []int
	due := h.s.Platform().earlierWakeups(ctx).Select("1").Where("due_at <= ?", h.s.Now())
	if err := due.Limit(1).Scan(&waiting).Error; err != nil || len(waiting) == 0 {
		return failed("look for earlier wake-ups", err)
	}
	return h.s.Write(ctx, func(tx *Tx) error {
		var rows []earlierWakeup
		p := tx.Platform()
		err := forUpdate(p.earlierWakeups(ctx)).Where("due_at <= ?", tx.Now()).Order("due_at, subject_id").Limit(limit).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return failed("find earlier wake-ups", err)
		}
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.EntityID
			if err := tx.In(row.AccountID).wakes().wake(ctx, row.Kind, row.EntityID); err != nil {
				return err
			}
		}
		return failed("adopt earlier wake-ups", p.earlierWakeups(ctx).Where("subject_id IN ?", ids).Delete(&earlierWakeup{}).Error)
	})
}

func (p Platform) earlierWakeups(ctx context.Context) *gorm.DB {
	return p.rows(ctx, everyEntity).Model(&earlierWakeup{})
}
