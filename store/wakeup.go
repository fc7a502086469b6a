package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// subjectTables are where the rows of each kind stand. Each table has the columns of
// models.Due and an index over (next_at, id).
var subjectTables = map[models.SubjectKind]string{
	models.SubjectInvitation:   "invitations",
	models.SubjectAnnouncement: "announcements",
	models.SubjectResource:     "resources",
}

const everySubject = "workflows of all accounts are looked after"

// wake asks the dispatcher to have the subjects' workflows look at their rows, and
// to start those that do not run. It belongs into the transaction that changed them.
func (tx TxScope) wake(ctx context.Context, kind models.SubjectKind, ids ...string) error {
	rows := make([]models.Wakeup, 0, len(ids))
	for _, id := range ids {
		rows = append(rows, models.Wakeup{SubjectID: id, Kind: kind, AccountID: tx.account, DueAt: tx.now()})
	}
	if len(rows) == 0 {
		return nil
	}
	rule := clause.OnConflict{
		Columns:   []clause.Column{{Name: "subject_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"due_at", "tries"}),
	}
	return failed("wake", tx.insertOr(ctx, rule, &rows))
}

// ClaimWakeups returns up to limit wake-ups that are due, oldest first, and leases
// them as ClaimOutbox does. Index: wakeups_due.
func (s *Store) ClaimWakeups(ctx context.Context, lease time.Duration, limit int) ([]models.Wakeup, error) {
	var waiting int64
	due := s.Platform().rows(ctx, everySubject).Model(&models.Wakeup{}).Where("due_at <= ?", s.Now())
	if err := due.Limit(1).Count(&waiting).Error; err != nil || waiting == 0 {
		return nil, failed("look for wake-ups", err)
	}
	var rows []models.Wakeup
	err := s.Write(ctx, func(tx *Tx) error {
		rows = nil
		p := tx.Platform()
		if err := forUpdate(p.rows(ctx, everySubject)).Where("due_at <= ?", tx.Now()).
			Order("due_at, subject_id").Limit(limit).Find(&rows).Error; err != nil || len(rows) == 0 {
			return failed("claim wake-ups", err)
		}
		ids := make([]string, len(rows))
		for i := range rows {
			ids[i] = rows[i].SubjectID
			rows[i].Tries++
			rows[i].DueAt = tx.Now().Add(lease)
		}
		err := p.rows(ctx, everySubject).Model(&models.Wakeup{}).Where("subject_id IN ?", ids).
			Updates(map[string]any{"due_at": tx.Now().Add(lease), "tries": gorm.Expr("tries + 1")}).Error
		return failed("claim wake-ups", err)
	})
	return rows, err
}

// ReleaseWakeups ends those that were claimed and done, unless they were asked for again
// meanwhile. Index: primary key.
func (s *Store) ReleaseWakeups(ctx context.Context, done []models.Wakeup) error {
	claims := map[models.Wakeup][]string{} // one when all were claimed together, for the first time
	for _, w := range done {
		claim := models.Wakeup{DueAt: w.DueAt, Tries: w.Tries}
		claims[claim] = append(claims[claim], w.SubjectID)
	}
	if len(claims) == 0 {
		return nil
	}
	return s.Write(ctx, func(tx *Tx) error {
		for claim, ids := range claims {
			err := tx.Platform().rows(ctx, everySubject).
				Where("subject_id IN ? AND due_at = ? AND tries = ?", ids, claim.DueAt, claim.Tries).
				Delete(&models.Wakeup{}).Error
			if err != nil {
				return failed("release wake-ups", err)
			}
		}
		return nil
	})
}

// OverdueSubjects returns up to limit subjects of the kind whose workflow should
// have acted longer than grace ago; usually none. Index: <table>_due.
func (s *Store) OverdueSubjects(ctx context.Context, kind models.SubjectKind, grace time.Duration, limit int) ([]models.Due, error) {
	var rows []models.Due
	err := s.subjects(ctx, kind).Where("next_at < ?", s.Now().Add(-grace)).Order("next_at, id").Limit(limit).Find(&rows).Error
	return rows, failed("find overdue subjects", err)
}

// OpenSubjects returns up to limit subjects of the kind that a workflow must look
// after, those to act first before others, after the given one; the zero value
// starts. Index: <table>_due.
func (s *Store) OpenSubjects(ctx context.Context, kind models.SubjectKind, after models.Due, limit int) ([]models.Due, error) {
	q := s.subjects(ctx, kind).Where("next_at IS NOT NULL")
	if after.NextAt != nil {
		q = q.Where("next_at >= ?", *after.NextAt).Where("next_at > ? OR id > ?", *after.NextAt, after.ID)
	}
	var rows []models.Due
	err := q.Order("next_at, id").Limit(limit).Find(&rows).Error
	return rows, failed("list open subjects", err)
}

func (s *Store) subjects(ctx context.Context, kind models.SubjectKind) *gorm.DB {
	return s.Platform().rows(ctx, everySubject).Table(subjectTables[kind]).Select("id", "account_id", "next_at", "created_at")
}

// SubjectKinds lists the kinds of subjects that have a table, sorted.
func (s *Store) SubjectKinds() []models.SubjectKind {
	return slices.Sorted(maps.Keys(subjectTables))
}
