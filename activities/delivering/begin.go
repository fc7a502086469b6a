package delivering

import (
	"context"
	"errors"

	"belfry.dev/belfry/models"
)

// begin records the attempt and asks the destination's state once more, last of all: where
// many were admitted at once, the first who are told to stop stop the others, in this
// process and in others. It returns false when the call must not be made; nothing is
// recorded then.
func (t *turn) begin(ctx context.Context, destination string, attempt models.Attempt, s slot) (bool, error) {
	seen := t.a.bulkhead.Closings(destination)
	begun, err := t.a.Store.BeginAttempt(ctx, attempt, t.d.Delivery.NotificationID, t.mergedIDs()...)
	if err != nil || !begun {
		return false, err
	}
	open, err := t.a.Store.DestinationOpen(ctx, destination)
	if err == nil && open && !s.late(t.a.Now()) && !t.a.bulkhead.ClosedSince(destination, seen) {
		return true, nil
	}
	return false, errors.Join(err, t.withdraw(ctx, attempt))
}

// withdraw takes the attempt back, also when the activity is being stopped: an attempt
// without an outcome would count as one that may have reached somebody.
func (t *turn) withdraw(ctx context.Context, attempt models.Attempt) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	before := []models.Delivery{t.d.Delivery}
	for _, each := range t.merged {
		before = append(before, each.delivery)
	}
	return t.a.Store.WithdrawAttempt(ctx, attempt, t.d.Delivery.NotificationID, before...)
}
