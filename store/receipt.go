package store

import (
	"context"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
	"belfry.dev/belfry/store/receipts"
	"gorm.io/gorm"
)

// Receive records what a provider says of an attempt that it took, and returns the deliveries
// that this changed, with their notifications: once, and again at most from failed to delivered.
// Code not-found: there is no such attempt of the provider, or it is of another message.
func (h Deliveries) Receive(ctx context.Context, r receipt.Receipt) ([]models.Part, error) {
	a, known, err := receipts.Attempt(h.s.Platform().rows(ctx, "a receipt names an attempt, not its account"), r)
	if err != nil {
		return nil, failed("read attempt", err)
	}
	if !known {
		return nil, models.Errorf(models.CodeNotFound, "There is no such message.")
	}
	if !r.News(a, h.s.Now()) {
		return nil, nil
	}
	var changed []models.Part
	err = h.s.Write(ctx, func(tx *Tx) error {
		var err error
		changed, err = tx.In(a.AccountID).deliveries().receive(ctx, a, r)
		return err
	})
	return changed, err
}

// receive holds, in the order of everybody, the notifications that the attempt was about, the
// envelope, the attempt and the deliveries. While the call is under way, it is enough to
// record the receipt: FinishAttempt finds it.
func (h txDeliveries) receive(ctx context.Context, a models.Attempt, r receipt.Receipt) ([]models.Part, error) {
	rows := func() *gorm.DB { return h.tx.rows(ctx) }
	of, err := receipts.Concerned(rows, a)
	if err != nil {
		return nil, failed("read what a receipt is about", err)
	}
	held, ids := map[string]models.Notification{}, make([]string, len(of))
	for i, d := range of {
		ids[i] = d.ID
		if held[d.ID], err = h.tx.Notifications().lock(ctx, d.NotificationID); err != nil {
			return nil, err
		}
	}
	if isStored(a.DeliveryID) {
		if _, err := envelopesOf(h.tx).lock(ctx, a.DeliveryID); err != nil {
			return nil, err
		}
	}
	a, news, err := receipts.Record(rows, r, h.tx.now())
	if err != nil || !news || a.Outcome == "" {
		return nil, failed("record receipt", err)
	}
	settled, err := receipts.Settle(rows, ids, a, h.tx.now())
	if err != nil {
		return nil, failed("settle deliveries", err)
	}
	changed := make([]models.Part, len(settled))
	for i, d := range settled {
		changed[i] = models.Part{Delivery: d, Notification: held[d.ID]}
		if err := h.tx.Notifications().sumUpAgain(ctx, held[d.ID]); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// received is the delivery after an attempt whose receipt came before its end; true says that
// there was one.
func (h txDeliveries) received(ctx context.Context, end models.AttemptEnd) (models.Delivery, bool, error) {
	d, early, err := receipts.Early(func() *gorm.DB { return h.tx.rows(ctx) }, end, h.tx.now())
	return d, early, failed("read receipt", err)
}

// sumUpAgain stores the status of a notification that was at its end, and whose deliveries
// changed all the same. It is locked.
func (h TxNotifications) sumUpAgain(ctx context.Context, n models.Notification) error {
	deliveries, err := h.tx.deliveries().statesOf(ctx, n.ID)
	if err != nil || !n.Status.Final() {
		return err
	}
	status, reason := models.SumUp(deliveries)
	if !status.Final() || status == n.Status && reason == n.Reason {
		return nil
	}
	return h.finish(ctx, n.ID, status, reason)
}
