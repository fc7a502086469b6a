package store

import (
	"context"
	"slices"
	"strings"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// inEnvelope returns the open deliveries in the envelope that the delivery of n leads, the
// most urgent first. Index: deliveries_notification.
func (h deliveries) inEnvelope(ctx context.Context, n models.Notification, lead string) ([]models.Delivery, error) {
	if len(n.MergedWith) == 0 {
		return nil, nil
	}
	var rows []models.Delivery
	err := h.sc.rows(ctx).Where("notification_id IN ? AND merged_into = ? AND state = ?", n.Others(), lead, models.DeliveryPending).Find(&rows).Error
	slices.SortFunc(rows, func(a, b models.Delivery) int {
		return slices.Index(n.MergedWith, a.NotificationID) - slices.Index(n.MergedWith, b.NotificationID)
	})
	return rows, failed("read an envelope's deliveries", err)
}

// dispatchWith reads what is in the envelope that the delivery leads. Indexes:
// deliveries_notification, primary keys.
func (h Deliveries) dispatchWith(ctx context.Context, sc Scope, d *models.Dispatch) error {
	rows, err := sc.deliveries().inEnvelope(ctx, d.Notification, d.Delivery.ID)
	if err != nil || len(rows) == 0 {
		return err
	}
	var notifications []models.Notification
	if err := sc.rows(ctx).Where("id IN ?", d.Notification.Others()).Find(&notifications).Error; err != nil {
		return failed("read merged notifications", err)
	}
	for _, row := range rows {
		part := models.Part{Delivery: row}
		for _, n := range notifications {
			if n.ID == row.NotificationID {
				part.Notification = n
			}
		}
		if part.Recipient, err = sc.deliveries().recipient(ctx, row, part.Notification.Type); err != nil {
			return err
		}
		d.With = append(d.With, part)
	}
	return nil
}

// carry records that the attempt is about the deliveries, too. It is errOvertaken when one of
// them is not in the envelope any more. Index: primary key.
func (h txDeliveries) carry(ctx context.Context, a models.Attempt, deliveries []string) error {
	if len(deliveries) == 0 {
		return nil
	}
	result := h.tx.rows(ctx).Model(&models.Delivery{}).
		Where("id IN ? AND merged_into = ? AND state = ?", deliveries, a.DeliveryID, models.DeliveryPending).Update("attempts", a.Number)
	if result.Error == nil && int(result.RowsAffected) != len(deliveries) {
		return errOvertaken
	}
	return failed("number an envelope's deliveries", result.Error)
}

// release has what is in the envelope that the delivery of n leads looked at: it is at its
// end, or goes on by itself.
func (h txDeliveries) release(ctx context.Context, n models.Notification, lead string) error {
	rows, err := h.inEnvelope(ctx, n, lead)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]string, len(rows)) // each is of another notification
	for i, d := range rows {
		ids[i] = d.NotificationID
	}
	return h.tx.wakes().wake(ctx, models.EntityNotification, ids...)
}

// catchUp brings the deliveries of the locked notification that are in others' envelopes to
// where those are, and returns those that ended. It holds the envelopes until the transaction
// ends, so that no attempt begins meanwhile; whoever calls it holds no other delivery yet, so
// that nobody waits in a circle. Indexes: deliveries_notification, primary keys.
func (h txDeliveries) catchUp(ctx context.Context, n models.Notification) ([]models.Delivery, error) {
	var waiting []models.Delivery
	err := h.tx.rows(ctx).Where("notification_id = ? AND state = ? AND merged_into <> ''", n.ID, models.DeliveryPending).Order("id").Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return nil, failed("read deliveries in envelopes", err)
	}
	envelopes, calling, err := h.holdEnvelopes(ctx, waiting)
	if err != nil {
		return nil, err
	}
	var ended []models.Delivery
	for _, d := range waiting {
		e, there := envelopes[d.EnvelopeID]
		if !there { // retention deletes what is at its end
			e.State = models.EnvelopeCancelled
		}
		next, moved := d.Follow(e, n, calling[d.EnvelopeID], h.tx.now())
		if !moved {
			continue
		}
		if err := h.moveAll(ctx, []string{d.ID}, next); err != nil {
			return nil, err
		}
		if next.State.Final() {
			ended = append(ended, next)
		}
	}
	return ended, nil
}

// holdEnvelopes locks the envelopes of these deliveries, by id, and says which have a call
// under way. Index: primary keys.
func (h txDeliveries) holdEnvelopes(ctx context.Context, in []models.Delivery) (envelopes map[string]models.Envelope, calling map[string]bool, err error) {
	ids := make([]string, len(in))
	for i, d := range in {
		ids[i] = d.EnvelopeID
	}
	if envelopes, err = readEnvelopes(ids, func() *gorm.DB { return forUpdate(h.tx.rows(ctx)) }); err != nil {
		return nil, nil, err
	}
	calling, err = h.calling(ctx, ids)
	return envelopes, calling, err
}

// isStored reports whether the id is that of an envelope that has a row.
func isStored(id string) bool { return strings.HasPrefix(id, string(models.KindEnvelope)+"_") }

// readEnvelopes reads the envelopes by statements that begin like rows: those that have a row,
// and those that deliveries lead. Index: primary keys.
func readEnvelopes(ids []string, rows func() *gorm.DB) (map[string]models.Envelope, error) {
	var stored []models.Envelope
	var leads []models.Delivery
	if slices.ContainsFunc(ids, isStored) {
		if err := rows().Where("id IN ?", ids).Order("id").Find(&stored).Error; err != nil {
			return nil, failed("read envelopes", err)
		}
	}
	if len(stored) < len(ids) {
		if err := rows().Where("id IN ?", ids).Order("id").Find(&leads).Error; err != nil {
			return nil, failed("read what leads", err)
		}
	}
	by := make(map[string]models.Envelope, len(ids))
	for _, e := range stored {
		by[e.ID] = e
	}
	for _, d := range leads {
		by[d.ID] = d.Led()
	}
	return by, nil
}

// calling are those of the envelopes with a call under way. Index: primary key.
func (h txDeliveries) calling(ctx context.Context, envelopes []string) (map[string]bool, error) {
	var ids []string
	err := h.tx.rows(ctx).Model(&models.Attempt{}).Where("delivery_id IN ? AND outcome = ''", envelopes).Pluck("delivery_id", &ids).Error
	calling := make(map[string]bool, len(ids))
	for _, id := range ids {
		calling[id] = true
	}
	return calling, failed("read calls", err)
}

// moveAll stores of open deliveries what d has become. Index: primary key.
func (h txDeliveries) moveAll(ctx context.Context, ids []string, d models.Delivery) error {
	err := h.tx.rows(ctx).Model(&models.Delivery{}).Where("id IN ? AND state = ?", ids, models.DeliveryPending).Updates(map[string]any{
		"state": d.State, "reason": d.Reason, "attempts": d.Attempts, "merged_into": d.EnvelopeID,
		"next_attempt_at": d.NextAttemptAt, "finished_at": d.FinishedAt,
	}).Error
	return failed("store delivery of an envelope", err)
}

// reportEnvelopes adds the envelopes of the report's deliveries, and the attempts that told of
// them. Indexes: primary keys.
func (h deliveries) reportEnvelopes(ctx context.Context, r *Report) error {
	var ids []string
	for _, d := range r.Deliveries {
		if d.EnvelopeID != "" {
			ids = append(ids, d.EnvelopeID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var err error
	if r.Envelopes, err = readEnvelopes(ids, func() *gorm.DB { return h.sc.rows(ctx) }); err != nil {
		return err
	}
	var attempts []models.Attempt
	if err := h.sc.rows(ctx).Where("delivery_id IN ?", ids).Order("delivery_id, number").Find(&attempts).Error; err != nil {
		return failed("read envelopes' attempts", err)
	}
	for _, d := range r.Deliveries {
		for _, a := range attempts {
			if d.EnvelopeID == a.DeliveryID && a.Number <= d.Attempts {
				r.Attempts[d.ID] = append(r.Attempts[d.ID], a)
			}
		}
	}
	return nil
}
