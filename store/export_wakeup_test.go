package store

import (
	"context"

	"belfry.dev/belfry/models"
)

// Wake is wake, for tests.
func (tx TxScope) Wake(ctx context.Context, kind models.SubjectKind, ids ...string) error {
	return tx.wake(ctx, kind, ids...)
}
