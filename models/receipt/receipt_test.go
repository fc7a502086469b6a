package receipt_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
)

const (
	delivered = models.DeliveryDelivered
	failed    = models.DeliveryFailed
)

// TestTheFirstEndCounts: and after a failure, a delivery within three days.
func TestTheFirstEndCounts(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		before, says models.DeliveryState
		after        time.Duration
		want         bool
	}{
		"nothing final":               {says: "", want: false},
		"the first, delivered":        {says: delivered, want: true},
		"the first, failed":           {says: failed, want: true},
		"delivered again":             {before: delivered, says: delivered, want: false},
		"failed after delivered":      {before: delivered, says: failed, want: false},
		"failed again":                {before: failed, says: failed, want: false},
		"delivered after failed":      {before: failed, says: delivered, after: receipt.Late - 1, want: true},
		"delivered, but far too late": {before: failed, says: delivered, after: receipt.Late, want: false},
	} {
		a := models.Attempt{Receipt: c.before}
		if c.before != "" {
			a.ReceiptAt = &at
		}
		if got := (receipt.Receipt{State: c.says}).News(a, at.Add(c.after)); got != c.want {
			t.Errorf("%s: News() = %v", name, got)
		}
	}
}

func TestOnlyWhatWaitsForAReceiptOrFailedIsSettled(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		state, says, want models.DeliveryState
		number            int
		since             time.Duration
	}{
		"accepted, delivered":         {state: models.DeliveryAccepted, says: delivered, number: 2, want: delivered},
		"accepted, failed":            {state: models.DeliveryAccepted, says: failed, number: 2, want: failed},
		"accepted, nothing":           {state: models.DeliveryAccepted, number: 2, want: models.DeliveryAccepted},
		"accepted by another attempt": {state: models.DeliveryAccepted, says: failed, number: 1, want: models.DeliveryAccepted},
		"delivered, failed":           {state: delivered, says: failed, number: 2, want: delivered},
		"failed, delivered":           {state: failed, says: delivered, number: 2, since: receipt.Late - 1, want: delivered},
		"failed, delivered too late":  {state: failed, says: delivered, number: 2, since: receipt.Late, want: failed},
		"cancelled, delivered":        {state: models.DeliveryCancelled, says: delivered, number: 2, want: models.DeliveryCancelled},
		"pending, delivered":          {state: models.DeliveryPending, says: delivered, number: 2, want: models.DeliveryPending},
	} {
		ended := now.Add(-c.since)
		d := models.Delivery{State: c.state, Attempts: 2, FinishedAt: &ended}
		a := models.Attempt{Number: c.number, Receipt: c.says}
		if c.says == failed {
			a.ReceiptReason = receipt.ReasonUnreachable
		}
		got, moved := receipt.Settle(d, a, now)
		if got.State != c.want || moved != (c.want != c.state) {
			t.Errorf("%s: %s, %v", name, got.State, moved)
		}
		if moved && (got.Reason != a.ReceiptReason || !got.FinishedAt.Equal(now)) {
			t.Errorf("%s: %q at %v", name, got.Reason, got.FinishedAt)
		}
	}
}
