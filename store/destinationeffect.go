package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm/clause"
)

// ensure makes the state row of a destination that was never used.
func (h TxDestinations) ensure(ctx context.Context, destination string) error {
	row := models.DestinationState{Destination: destination, AccountID: h.tx.account, UpdatedAt: h.tx.now()}
	return failed("make destination", h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &row))
}

// warnEvery is how often the owner of a destination that works badly is told.
const warnEvery = 24 * time.Hour

// warn accepts the warning, unless there was one about the destination lately.
func (tx *Tx) warn(ctx context.Context, e models.DestinationEffect) error {
	if e.Warning == nil {
		return nil
	}
	hits, err := tx.hit(ctx, tx.vault.bucket("warn "+e.WarningOf+e.Destination), warnEvery)
	if err != nil || hits.Count > 1 {
		return err
	}
	_, err = tx.Accept(ctx, []models.Acceptance{*e.Warning})
	return err
}

// increment and latest are values of an update: one more than the column holds,
// and the later of the column and at.
func increment(column string) clause.Expr { return clause.Expr{SQL: column + " + 1"} }

func latest(column string, at time.Time) clause.Expr {
	return clause.Expr{SQL: "CASE WHEN " + column + " > ? THEN " + column + " ELSE ? END", Vars: []any{at, at}}
}

// failingSince is the value of the column after a failure that belongs to those since since;
// where something succeeded meanwhile they begin now. It is assigned before last_failure_at.
func failingSince(since, now time.Time) clause.Expr {
	return clause.Expr{SQL: "CASE WHEN failing_since IS NULL THEN ? ELSE ? END", Vars: []any{now, latest("failing_since", since)}}
}
