package store

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
)

// invitations deletes those that ended. Their addresses keep their state; what their
// links say is no longer of use.
func (r retainer) invitations(ctx context.Context) (models.Retained, error) {
	var rows []models.Invitation
	err := r.oldest(ctx, models.KindInvitation).Select("id", "state", "ended_at").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return r.looked(0, 0, ""), failed("find old invitations", err)
	}
	var ids []string
	for _, i := range rows {
		if i.State != models.InvitationPending && i.EndedAt != nil && r.rule.Over(models.InvitationCategory, *i.EndedAt, r.s.Now()) {
			ids = append(ids, i.ID)
		}
	}
	if len(ids) > 0 {
		err = r.s.Write(ctx, func(tx *Tx) error {
			over := tx.Platform().rows(ctx, whyRetention).Where("id IN ?", ids)
			return failed("delete old invitations", over.Delete(&models.Invitation{}).Error)
		})
	}
	return r.looked(len(rows), len(ids), rows[len(rows)-1].ID), err
}

// resources deletes what is remembered of deleted ones, and the reminders of deadlines
// that are over long since. No rung of such a deadline is reminded of again without its
// row: each is due before its deadline, and where a resource is changed or registered anew,
// what is over counts as dealt with (schedule.Change, schedule.Register).
func (r retainer) resources(ctx context.Context) (models.Retained, error) {
	var rows []models.Resource
	err := r.oldest(ctx, models.KindResource).Select("id", "state", "expires_at", "release_at", "updated_at").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return r.looked(0, 0, ""), failed("find old resources", err)
	}
	var all, gone []string
	for _, row := range rows {
		all = append(all, row.ID)
		if r.rule.Forgettable(row, r.s.Now()) {
			gone = append(gone, row.ID)
		}
	}
	reminders, err := r.reminders(ctx, all)
	if err != nil {
		return models.Retained{}, err
	}
	forgotten, err := r.forgetResources(ctx, gone)
	return r.looked(len(rows), reminders+forgotten, rows[len(rows)-1].ID), err
}

// reminders deletes those of the resources whose deadline is over long since. Index:
// primary key.
func (r retainer) reminders(ctx context.Context, resources []string) (int, error) {
	newest, some := r.rule.Newest(models.ResourceCategory, r.s.Now())
	if !some {
		return 0, nil
	}
	const over = "resource_id IN ? AND deadline <= ?"
	var n int64
	err := r.s.Platform().rows(ctx, whyRetention).Model(&models.Reminder{}).Where(over, resources, newest).Count(&n).Error
	if err != nil || n == 0 {
		return 0, failed("find old reminders", err)
	}
	err = r.s.Write(ctx, func(tx *Tx) error {
		result := tx.Platform().rows(ctx, whyRetention).Where(over, resources, newest).Delete(&models.Reminder{})
		n = result.RowsAffected
		return failed("delete old reminders", result.Error)
	})
	return int(n), err
}

// forgetResources deletes the deleted resources that are still that, with their
// reminders, and returns how many are gone. Index: primary keys.
func (r retainer) forgetResources(ctx context.Context, asked []string) (int, error) {
	if len(asked) == 0 {
		return 0, nil
	}
	gone := 0
	err := r.s.Write(ctx, func(tx *Tx) error {
		p := tx.Platform()
		var rows []models.Resource
		err := forUpdate(p.rows(ctx, whyRetention)).Select("id", "state", "expires_at", "release_at", "updated_at").
			Where("id IN ?", asked).Order("id").Find(&rows).Error
		if err != nil {
			return failed("lock deleted resources", err)
		}
		rows = slices.DeleteFunc(rows, func(row models.Resource) bool { return !r.rule.Forgettable(row, tx.now) }) // registered anew meanwhile
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		if gone = len(ids); gone == 0 {
			return nil
		}
		if err := p.rows(ctx, whyRetention).Where("resource_id IN ?", ids).Delete(&models.Reminder{}).Error; err != nil {
			return failed("delete reminders of deleted resources", err)
		}
		return failed("forget deleted resources", p.rows(ctx, whyRetention).Where("id IN ?", ids).Delete(&models.Resource{}).Error)
	})
	return gone, err
}
