package store

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
)

// carried returns the open deliveries that the delivery of n carries, the most urgent first.
// Index: deliveries_notification.
func (h deliveries) carried(ctx context.Context, n models.Notification, carrier string) ([]models.Delivery, error) {
	if len(n.MergedWith) == 0 {
		return nil, nil
	}
	var rows []models.Delivery
	err := h.sc.rows(ctx).Where("notification_id IN ? AND merged_into = ? AND state = ?", n.Others(), carrier, models.DeliveryPending).Find(&rows).Error
	slices.SortFunc(rows, func(a, b models.Delivery) int {
		return slices.Index(n.MergedWith, a.NotificationID) - slices.Index(n.MergedWith, b.NotificationID)
	})
	return rows, failed("read merged deliveries", err)
}

// dispatchMerged reads what the delivery carries. Indexes: deliveries_notification, primary keys.
func (h Deliveries) dispatchMerged(ctx context.Context, sc Scope, d *models.Dispatch) error {
	rows, err := sc.deliveries().carried(ctx, d.Notification, d.Delivery.ID)
	if err != nil || len(rows) == 0 {
		return err
	}
	var notifications []models.Notification
	if err := sc.rows(ctx).Where("id IN ?", d.Notification.Others()).Find(&notifications).Error; err != nil {
		return failed("read merged notifications", err)
	}
	for _, row := range rows {
		each := models.MergedDelivery{Delivery: row}
		for _, n := range notifications {
			if n.ID == row.NotificationID {
				each.Notification = n
			}
		}
		if each.Recipient, err = sc.deliveries().recipient(ctx, row, each.Notification.Type); err != nil {
			return err
		}
		d.Merged = append(d.Merged, each)
	}
	return nil
}

// tell records that the attempt tells of the deliveries, too. It reports false when one of
// them is not carried any more. Index: primary key.
func (h txDeliveries) tell(ctx context.Context, a models.Attempt, deliveries []string) (bool, error) {
	if len(deliveries) == 0 {
		return true, nil
	}
	result := h.tx.rows(ctx).Model(&models.Delivery{}).
		Where("id IN ? AND merged_into = ? AND state = ?", deliveries, a.DeliveryID, models.DeliveryPending).Update("attempts", a.Number)
	return int(result.RowsAffected) == len(deliveries), failed("number merged deliveries", result.Error)
}

// release has what the delivery of n carried looked at: it is at its end, or the others' own
// again.
func (h txDeliveries) release(ctx context.Context, n models.Notification, carrier string) error {
	rows, err := h.carried(ctx, n, carrier)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]string, len(rows)) // each is of another notification
	for i, d := range rows {
		ids[i] = d.NotificationID
	}
	return h.tx.wakes().wake(ctx, models.EntityNotification, ids...)
}

// catchUp brings the deliveries of the locked notification that others carry to where those
// are, and returns those that ended. It holds the carriers until the transaction ends, so that
// no attempt begins meanwhile; whoever calls it holds no other delivery yet, so that nobody
// waits in a circle. Indexes: deliveries_notification, primary keys.
func (h txDeliveries) catchUp(ctx context.Context, n models.Notification) ([]models.Delivery, error) {
	if len(n.MergedWith) == 0 {
		return nil, nil
	}
	var waiting []models.Delivery
	err := h.tx.rows(ctx).Where("notification_id = ? AND state = ? AND merged_into <> ''", n.ID, models.DeliveryPending).Order("id").Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return nil, failed("read merged deliveries", err)
	}
	carriers, calling, err := h.holdCarriers(ctx, waiting)
	if err != nil {
		return nil, err
	}
	var ended []models.Delivery
	for _, d := range waiting {
		carrier, there := carriers[d.MergedInto]
		if !there { // retention deletes what is at its end
			carrier.State = models.DeliveryCancelled
		}
		next, moved := d.Follow(carrier, n, calling[d.MergedInto], h.tx.now())
		if !moved {
			continue
		}
		if err := h.move(ctx, next); err != nil {
			return nil, err
		}
		if next.State.Final() {
			ended = append(ended, next)
		}
	}
	return ended, nil
}

// holdCarriers locks the deliveries that carry these, by id, and says which have a call under
// way. Index: primary keys.
func (h txDeliveries) holdCarriers(ctx context.Context, carried []models.Delivery) (carriers map[string]models.Delivery, calling map[string]bool, err error) {
	ids := make([]string, len(carried))
	for i, d := range carried {
		ids[i] = d.MergedInto
	}
	var rows []models.Delivery
	if err := forUpdate(h.tx.rows(ctx)).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, nil, failed("hold carriers", err)
	}
	carriers = make(map[string]models.Delivery, len(rows))
	for _, c := range rows {
		carriers[c.ID] = c
	}
	calling, err = h.calling(ctx, ids)
	return carriers, calling, err
}

// calling are those of the deliveries with a call under way. Index: primary key.
func (h txDeliveries) calling(ctx context.Context, deliveries []string) (map[string]bool, error) {
	var ids []string
	err := h.tx.rows(ctx).Model(&models.Attempt{}).Where("delivery_id IN ? AND outcome = ''", deliveries).Pluck("delivery_id", &ids).Error
	calling := make(map[string]bool, len(ids))
	for _, id := range ids {
		calling[id] = true
	}
	return calling, failed("read calls", err)
}

func (h txDeliveries) move(ctx context.Context, d models.Delivery) error {
	err := h.tx.rows(ctx).Model(&models.Delivery{}).Where("id = ? AND state = ?", d.ID, models.DeliveryPending).Updates(map[string]any{
		"state": d.State, "reason": d.Reason, "attempts": d.Attempts, "merged_into": d.MergedInto,
		"next_attempt_at": d.NextAttemptAt, "finished_at": d.FinishedAt,
	}).Error
	return failed("store merged delivery", err)
}

// reportMerged adds the deliveries that carry those of the report, and the attempts that told
// of them. Indexes: primary keys.
func (h deliveries) reportMerged(ctx context.Context, r *Report) error {
	var ids []string
	for _, d := range r.Deliveries {
		if d.MergedInto != "" {
			ids = append(ids, d.MergedInto)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var carriers []models.Delivery
	if err := h.sc.rows(ctx).Where("id IN ?", ids).Find(&carriers).Error; err != nil {
		return failed("read carriers", err)
	}
	for _, c := range carriers {
		r.Carriers[c.ID] = c
	}
	var attempts []models.Attempt
	if err := h.sc.rows(ctx).Where("delivery_id IN ?", ids).Order("delivery_id, number").Find(&attempts).Error; err != nil {
		return failed("read carriers' attempts", err)
	}
	for _, d := range r.Deliveries {
		for _, a := range attempts {
			if d.MergedInto == a.DeliveryID && a.Number <= d.Attempts {
				r.Attempts[d.ID] = append(r.Attempts[d.ID], a)
			}
		}
	}
	return nil
}
