package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm/clause"
)

// ensureDestination makes the state row of a destination that was never used.
func (tx TxScope) ensureDestination(ctx context.Context, destination string) error {
	row := models.DestinationState{Destination: destination, AccountID: tx.account, UpdatedAt: tx.now()}
	return failed("make destination", tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &row))
}

// increment and latest are values of an update: one more than the column holds,
// and the later of the column and at.
func increment(column string) clause.Expr { return clause.Expr{SQL: column + " + 1"} }

func latest(column string, at time.Time) clause.Expr {
	return clause.Expr{SQL: "CASE WHEN " + column + " > ? THEN " + column + " ELSE ? END", Vars: []any{at, at}}
}
