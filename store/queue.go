package store

import (
	"context"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/pacing"
	"gorm.io/gorm"
)

// QueueWaits reports whether something waits in the queue of this name. Index: envelopes_open.
func (h Deliveries) QueueWaits(ctx context.Context, account models.AccountID, gathers string) (bool, error) {
	var found []string
	err := h.s.In(account).rows(ctx).Model(&models.Envelope{}).Where("gathers = ?", gathers).Limit(1).Pluck("id", &found).Error
	return len(found) > 0, failed("look for a queue", err)
}

// Queue has a delivery join a queue, if it still was never tried. Indexes: primary keys.
func (h Deliveries) Queue(ctx context.Context, d models.Delivery, g models.Gathering) error {
	return h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(d.AccountID)
		n, err := scope.Notifications().lock(ctx, d.NotificationID)
		if err != nil || n.CancelledAt != nil {
			return err
		}
		now, err := one[models.Delivery]("lock delivery", forUpdate(scope.rows(ctx)), d.ID)
		if err != nil || now.State.Final() || now.Attempts > 0 || now.EnvelopeID != "" {
			return err
		}
		if err := envelopesOf(scope).joinOne(ctx, models.Joining{Gathering: g, Deliveries: []*models.Delivery{&now}}); err != nil {
			return err
		}
		now.Reason, now.NextAttemptAt = models.ReasonQueued, &n.ExpiresAt // as othersWait has it
		return scope.deliveries().moveAll(ctx, []string{d.ID}, now)
	})
}

// SendQueue closes the queue with the deliveries that leave now; the others wait in a new one. It
// reports false when it was closed before. Indexes: as members, primary key.
func (h Deliveries) SendQueue(ctx context.Context, e models.Envelope, leave []string) (closed bool, err error) {
	err = h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(e.AccountID)
		now, err := envelopesOf(scope).lock(ctx, e.ID)
		if closed = err == nil && now.State == models.EnvelopeOpen; !closed {
			return err
		}
		change := map[string]any{"state": models.EnvelopeClosed, "gathers": nil, "joined": len(leave), "reason": "", "next_at": tx.Now()}
		if err := scope.rows(ctx).Model(&models.Envelope{}).Where("id = ?", e.ID).Updates(change).Error; err != nil {
			return failed("close queue", err)
		}
		return envelopesOf(scope).stay(ctx, now, leave)
	})
	return closed, err
}

// stay has all but those that leave wait in a new envelope; where nobody does, that ends.
func (h txEnvelopes) stay(ctx context.Context, e models.Envelope, leave []string) error {
	next, now := e, h.tx.now()
	next.ID, next.Joined, next.ClosesAt, next.NextAt, next.CreatedAt = newID(models.KindEnvelope), e.Joined-len(leave), now, &now, now
	if next.Joined <= 0 {
		return nil
	}
	if err := h.tx.insert(ctx, &next); err != nil {
		return failed("open queue", err)
	}
	if err := members(ctx, h.tx.Scope, e).Where("id NOT IN ?", leave).Update("merged_into", next.ID).Error; err != nil {
		return failed("move what stays", err)
	}
	return h.tx.wakes().wake(ctx, models.EntityEnvelope, next.ID)
}

// foremost bounds what one message tells of: critical ones first, then the oldest.
func foremost(members *gorm.DB) *gorm.DB {
	const severity = "(SELECT severity FROM notifications WHERE notifications.account_id = deliveries.account_id AND notifications.id = deliveries.notification_id)"
	return members.Order("CASE " + severity + " WHEN 'critical' THEN 0 ELSE 1 END, created_at, id").Limit(pacing.MostQueued)
}
