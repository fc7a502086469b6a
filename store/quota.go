package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"belfry.dev/belfry/models"
	"gorm.io/gorm/clause"
)

// takeQuotas counts the plan's open deliveries against their quotas, in their order, and
// suppresses those that get nothing. The counters are made first and held until the
// transaction ends, always in the same order: parallel plans are counted exactly.
func (h TxRouting) takeQuotas(ctx context.Context, plan *models.Plan) error {
	quotas := map[string]models.Quota{}
	for _, each := range plan.Quotas {
		for _, q := range each {
			quotas[q.Key] = q
		}
	}
	if len(quotas) == 0 {
		return nil
	}
	if err := h.makeCounters(ctx, quotas); err != nil {
		return err
	}
	used, err := h.used(ctx, forUpdate(h.tx.db), slices.Collect(maps.Keys(quotas)))
	if err != nil {
		return err
	}
	taken := maps.Clone(used)
	for i := range plan.Deliveries {
		d := &plan.Deliveries[i]
		if d.State.Final() {
			continue
		}
		if reason := models.Take(taken, plan.Quotas[d.Slot]); reason != "" {
			d.State, d.Reason, d.NextAttemptAt = models.DeliverySuppressed, reason, nil
		}
	}
	for key, n := range taken {
		if n == used[key] {
			continue
		}
		err := h.tx.db.WithContext(ctx).Model(&throttle{}).Where("bucket_key = ?", h.quotaBucket(key)).Update("count", n).Error
		if err != nil {
			return failed("count quota", err)
		}
	}
	return nil
}

// makeCounters inserts the counters that are missing, in the order of their keys.
func (h TxRouting) makeCounters(ctx context.Context, quotas map[string]models.Quota) error {
	rows := make([]throttle, 0, len(quotas))
	for key, q := range quotas {
		rows = append(rows, throttle{BucketKey: h.quotaBucket(key), WindowEndsAt: q.EndsAt})
	}
	slices.SortFunc(rows, func(a, b throttle) int { return cmp.Compare(a.BucketKey, b.BucketKey) })
	err := h.tx.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
	return failed("make quotas", err)
}
