package worker

import (
	"context"

	"belfry.dev/belfry/models"
)

// reconcileSubjects does for one kind of subjects what reconcile does for
// notifications.
func (r *reconciler) reconcileSubjects(ctx context.Context, kind models.SubjectKind) error {
	late, err := r.ledger.OverdueSubjects(ctx, kind, r.cfg.Grace, r.cfg.Batch)
	if err != nil {
		return err
	}
	if err := r.wakeAll(ctx, kind, late); err != nil {
		return err
	}
	lost, err := r.lostSubject(ctx, kind)
	if err != nil || !lost {
		return err
	}
	r.log.WarnContext(ctx, "workflows are missing; starting all of their kind again", "kind", kind)
	return r.wakeEvery(ctx, kind)
}

func (r *reconciler) wakeAll(ctx context.Context, kind models.SubjectKind, list []models.Due) error {
	for _, each := range list {
		if err := r.engine.WakeSubject(ctx, subject(kind, each)); err != nil {
			return err
		}
	}
	return nil
}

// lostSubject looks a few up. Those that were made just now may not have been
// started yet.
func (r *reconciler) lostSubject(ctx context.Context, kind models.SubjectKind) (bool, error) {
	some, err := r.ledger.OpenSubjects(ctx, kind, models.Due{}, r.cfg.Sample)
	if err != nil {
		return false, err
	}
	for _, each := range some {
		if r.ledger.Now().Sub(each.CreatedAt) < r.cfg.Grace {
			continue
		}
		runs, err := r.engine.SubjectRuns(ctx, subject(kind, each))
		if err != nil || !runs {
			return err == nil, err
		}
	}
	return false, nil
}

// wakeEvery goes through all that are open, those that act first before others.
func (r *reconciler) wakeEvery(ctx context.Context, kind models.SubjectKind) error {
	var last models.Due
	for {
		page, err := r.ledger.OpenSubjects(ctx, kind, last, r.cfg.Batch)
		if err != nil {
			return err
		}
		if err := r.wakeAll(ctx, kind, page); err != nil {
			return err
		}
		if len(page) < r.cfg.Batch {
			return nil
		}
		last = page[len(page)-1]
	}
}

func subject(kind models.SubjectKind, d models.Due) models.Subject {
	return models.Subject{Kind: kind, AccountID: d.AccountID, ID: d.ID}
}
