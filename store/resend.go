package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
)

// Resendable returns up to limit deliveries that can be sent again, those of the oldest
// notifications first. Indexes: see list.Resends.
func (h Notifications) Resendable(ctx context.Context, f list.Resends, limit int) ([]models.Delivery, error) {
	found, err := f.Find(func() *gorm.DB { return h.sc.rows(ctx) }, limit)
	return found, failed("find what can be sent again", err)
}

// ResendAll sends those again that were found, and returns how many: what somebody else sent
// again meanwhile, or cancelled, is left out.
func (h TxNotifications) ResendAll(ctx context.Context, found []models.Delivery) (sent int, err error) {
	chosen := map[string]bool{}
	for _, d := range found {
		chosen[d.Key()] = true
	}
	last := ""
	for _, d := range found {
		if d.NotificationID == last {
			continue
		}
		last = d.NotificationID
		again, err := h.resend(ctx, last, func(d models.Delivery) bool { return chosen[d.Key()] })
		if err != nil && models.CodeOf(err) != models.CodeConflict {
			return 0, err
		}
		sent += len(again)
	}
	return sent, nil
}

// Resend makes a new delivery for each one that did not arrive and was not
// sent again yet, opens the notification anew for as long as it first had, and
// returns the new deliveries. The provider gets the idempotency key of the
// first. Codes: not-found; conflict when nothing failed, it was cancelled, or it is an
// invitation's.
func (h TxNotifications) Resend(ctx context.Context, id string) ([]models.Delivery, error) {
	return h.resend(ctx, id, func(models.Delivery) bool { return true })
}

// resend is Resend for those that are chosen.
func (h TxNotifications) resend(ctx context.Context, id string, chosen func(models.Delivery) bool) ([]models.Delivery, error) {
	n, err := h.lock(ctx, id)
	if err != nil {
		return nil, err
	}
	if !n.Source.Manner().Resendable {
		return nil, models.Errorf(models.CodeConflict, "An invitation is sent again by its address.")
	}
	all, err := h.tx.deliveries().of(ctx, id)
	if err != nil {
		return nil, err
	}
	again := slices.DeleteFunc(h.replays(all), func(d models.Delivery) bool { return !chosen(d) })
	if len(again) == 0 || n.CancelledAt != nil {
		return nil, models.Errorf(models.CodeConflict, "Nothing in it has failed that could be sent again.")
	}
	if err := h.tx.insert(ctx, &again); err != nil {
		return nil, failed("store replays", err)
	}
	expires := h.tx.now().Add(n.ExpiresAt.Sub(begun(n, all)))
	change := map[string]any{"status": models.StatusPending, "reason": "", "finished_at": nil, "expires_at": expires}
	if err := h.update(ctx, id, change); err != nil {
		return nil, err
	}
	return again, h.tx.wakes().wake(ctx, models.EntityNotification, id)
}

// begun returns when the notification's present time to live began: when it was
// due, or with the newest of its replays.
func begun(n models.Notification, deliveries []models.Delivery) time.Time {
	begin := n.CreatedAt
	if n.ScheduleAt != nil {
		begin = *n.ScheduleAt
	}
	for _, d := range deliveries {
		if d.ReplayOf != "" && d.CreatedAt.After(begin) {
			begin = d.CreatedAt
		}
	}
	return begin
}

// replays returns a copy of each delivery that can be sent again.
func (h TxNotifications) replays(all []models.Delivery) []models.Delivery {
	newest, copies := map[string]models.Delivery{}, map[string]int{}
	for _, d := range all {
		newest[d.Key()] = d
		copies[d.Key()]++
	}
	now := h.tx.now()
	var again []models.Delivery
	for _, d := range all {
		last := newest[d.Key()]
		if d.ReplayOf != "" || !list.Resendable(last) {
			continue
		}
		r := d
		r.ID, r.ReplayOf = NewID(models.KindDelivery), d.Key()
		r.Slot = fmt.Sprintf("%s#%d", d.Slot, copies[d.Key()]+1)
		r.State, r.Reason, r.Attempts, r.EnvelopeID = models.DeliveryPending, "", 0, ""
		r.NextAttemptAt, r.CreatedAt, r.FinishedAt = &now, now, nil
		again = append(again, r)
	}
	return again
}
