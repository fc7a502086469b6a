package store

import (
	"cmp"
	"context"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// maxPending bounds the open deliveries that Progress returns; a notification
// with more is continued when these are done.
const maxPending = 500

// OpenNotification returns the notification as a workflow needs it. Index:
// primary key.
func (h Deliveries) OpenNotification(ctx context.Context, account models.AccountID, id string) (models.Notification, error) {
	return byID[models.Notification](ctx, h.s.In(account), id)
}

// AccountLanguage returns the locale of the account. Index: primary key.
func (h Deliveries) AccountLanguage(ctx context.Context, account models.AccountID) (string, error) {
	a, err := h.s.In(account).Account().Read(ctx)
	return a.Language, err
}

// PlanNotification stores the plans of the notification and of those that it is merged
// with, in the order of their urgency, unless they were planned or ended before, and
// returns where the notification stands then; so a repeat does no harm. A plan that
// leaves nothing open ends its notification. The account's inbox message is written only
// if acceptance did not.
func (h Deliveries) PlanNotification(ctx context.Context, account models.AccountID, id string, plans ...models.Plan) (models.Progress, error) {
	return h.plan(ctx, account, id, plans, func(models.NotificationStatus) bool { return true })
}

// PlanBeforeStart is PlanNotification for the dispatcher, which has a workflow started
// afterwards where something is open: the start stays in the outbox until it was made.
func (h Deliveries) PlanBeforeStart(ctx context.Context, account models.AccountID, id string, plans ...models.Plan) (models.Progress, error) {
	return h.plan(ctx, account, id, plans, models.NotificationStatus.Final)
}

// plan is PlanNotification; the start leaves the outbox with the statuses that need none.
// Inboxes are locked last.
func (h Deliveries) plan(ctx context.Context, account models.AccountID, id string, plans []models.Plan, started func(models.NotificationStatus) bool) (models.Progress, error) {
	var p models.Progress
	err := h.s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(account)
		var messages []models.Message
		var err error
		p, messages, err = scope.deliveries().plan(ctx, id, plans)
		if err == nil && started(p.Status) {
			err = scope.wakes().endStart(ctx, id)
		}
		if err != nil {
			return err
		}
		return scope.messages().append(ctx, messages)
	})
	return p, err
}

// drawn is a plan on its way into the database.
type drawn struct {
	notification models.Notification
	plan         models.Plan
}

// plan stores the plans but for their messages, which it returns.
func (h txDeliveries) plan(ctx context.Context, id string, plans []models.Plan) (models.Progress, []models.Message, error) {
	var all []drawn
	own := -1
	for _, plan := range plans { // everybody locks those that are merged in the same order
		n, err := h.tx.Notifications().lock(ctx, cmp.Or(plan.Notification.ID, id))
		if err != nil {
			return models.Progress{}, nil, err
		}
		over := n.PlannedAt != nil || n.Status.Final() || n.CancelledAt != nil
		switch {
		case over && n.ID == id:
			p, err := h.progressOf(ctx, n)
			return p, nil, err
		case over:
			continue
		case n.ID == id:
			own = len(all)
		}
		all = append(all, drawn{n, plan})
	}
	if own < 0 { // it was planned while these were made
		p, err := h.progress(ctx, id)
		return p, nil, err
	}
	if err := envelopesOf(h.tx).join(ctx, all); err != nil {
		return models.Progress{}, nil, err
	}
	for i := range all {
		if err := h.draw(ctx, all[i].notification.ID, &all[i].plan); err != nil {
			return models.Progress{}, nil, err
		}
	}
	return h.storePlans(ctx, all, own)
}

// draw takes the plan's quotas and completes its deliveries.
func (h txDeliveries) draw(ctx context.Context, notification string, plan *models.Plan) error {
	if err := h.tx.Routing().takeQuotas(ctx, plan); err != nil {
		return err
	}
	for i, d := range plan.Deliveries {
		plan.Deliveries[i] = h.planned(d, notification)
	}
	return nil
}

// storePlans merges the plans, stores them but for their messages, and returns these and
// where the own one's notification stands.
func (h txDeliveries) storePlans(ctx context.Context, all []drawn, own int) (models.Progress, []models.Message, error) {
	var p models.Progress
	if len(all) > 1 {
		lists := make([][]models.Delivery, len(all))
		for i := range all {
			lists[i] = all[i].plan.Deliveries
		}
		models.Gather(lists)
	}
	var messages []models.Message
	for i, each := range all {
		status, err := h.storePlan(ctx, each)
		if err != nil {
			return p, nil, err
		}
		if i == own {
			p.Status = status
			p.Pending = pending(each.plan.Deliveries)
		}
		for _, m := range each.plan.Messages {
			m.Repeats, m.RepeatedAt = each.notification.Repeats, each.notification.RepeatedAt
			messages = append(messages, m)
		}
	}
	return p, messages, nil
}

// storePlan stores the plan but for its messages, and returns its notification's status.
func (h txDeliveries) storePlan(ctx context.Context, d drawn) (models.NotificationStatus, error) {
	d.othersWait()
	if len(d.plan.Deliveries) > 0 {
		if err := h.tx.insert(ctx, &d.plan.Deliveries); err != nil {
			return "", failed("store deliveries", err)
		}
	}
	status, reason := models.SumUp(d.plan.Deliveries)
	change := map[string]any{"planned_at": h.tx.now(), "status": status, "reason": reason}
	if status.Final() {
		change["finished_at"] = h.tx.now()
	}
	if d.plan.ExpiresAt.After(d.notification.ExpiresAt) {
		change["expires_at"] = d.plan.ExpiresAt
	}
	return status, h.tx.Notifications().update(ctx, d.notification.ID, change)
}

// othersWait has what is in another's envelope wait for its own end. Nobody looks at it before
// that but a worker of a release that knows no envelopes, which would send it by itself.
func (d drawn) othersWait() {
	expires := d.notification.ExpiresAt
	if d.plan.ExpiresAt.After(expires) {
		expires = d.plan.ExpiresAt
	}
	for i := range d.plan.Deliveries {
		if each := &d.plan.Deliveries[i]; each.EnvelopeID != "" {
			each.NextAttemptAt = &expires
		}
	}
}

// planned completes a decided delivery: open ones are due at once, unless they are held.
func (h txDeliveries) planned(d models.Delivery, notification string) models.Delivery {
	now := h.tx.now()
	d.ID, d.AccountID, d.NotificationID, d.CreatedAt = NewID(models.KindDelivery), h.tx.account, notification, now
	if d.State.Final() {
		d.FinishedAt = &now
		return d
	}
	if d.NextAttemptAt == nil {
		d.NextAttemptAt = &now
	}
	return d
}

// pending returns what is open and in no other's envelope.
func pending(deliveries []models.Delivery) []models.Delivery {
	var open []models.Delivery
	for _, d := range deliveries {
		if !d.State.Final() && d.EnvelopeID == "" && len(open) < maxPending {
			open = append(open, d)
		}
	}
	return open
}

// SettleNotification brings the notification's status up to date and returns
// where it stands: after a cancellation every delivery without a call under way
// is cancelled.
func (h Deliveries) SettleNotification(ctx context.Context, account models.AccountID, id string) (models.Progress, error) {
	var p models.Progress
	err := h.s.Write(ctx, func(tx *Tx) error {
		var err error
		p, err = tx.In(account).deliveries().progress(ctx, id)
		return err
	})
	return p, err
}

// progress is progressOf the notification, which it locks.
func (h txDeliveries) progress(ctx context.Context, id string) (models.Progress, error) {
	n, err := h.tx.Notifications().lock(ctx, id)
	if err != nil {
		return models.Progress{}, err
	}
	return h.progressOf(ctx, n)
}

// progressOf settles the locked notification and lists what is open.
func (h txDeliveries) progressOf(ctx context.Context, n models.Notification) (models.Progress, error) {
	if n.PlannedAt == nil && n.CancelledAt == nil {
		return models.Progress{Status: n.Status}, nil
	}
	ended, err := h.catchUp(ctx, n)
	if err != nil {
		return models.Progress{}, err
	}
	p := models.Progress{Ended: ended}
	if p.Status, _, err = h.tx.Notifications().settle(ctx, n); err != nil || p.Status.Final() {
		return p, err
	}
	p.Pending, err = h.openOf(ctx, n.ID)
	return p, err
}

// settle cancels what a cancellation reaches, sums the deliveries up and stores
// a final status. The notification is locked. A final one stays as it is.
func (h TxNotifications) settle(ctx context.Context, n models.Notification) (models.NotificationStatus, string, error) {
	if n.Status.Final() {
		return n.Status, n.Reason, nil
	}
	if n.CancelledAt != nil && n.PlannedAt == nil {
		if err := h.tx.wakes().endStart(ctx, n.ID); err != nil {
			return "", "", err
		}
		return models.StatusCancelled, models.ReasonCancelled,
			h.finish(ctx, n.ID, models.StatusCancelled, models.ReasonCancelled)
	}
	if n.CancelledAt != nil {
		if err := h.cancelOpen(ctx, n); err != nil {
			return "", "", err
		}
	}
	deliveries, err := h.tx.deliveries().statesOf(ctx, n.ID)
	if err != nil {
		return "", "", err
	}
	status, reason := models.SumUp(deliveries)
	if !status.Final() {
		return status, reason, nil
	}
	return status, reason, h.finish(ctx, n.ID, status, reason)
}

// cancelOpen cancels the open deliveries without a call under way. What is in others'
// envelopes is cancelled by catchUp, and what is in theirs goes on by itself.
func (h TxNotifications) cancelOpen(ctx context.Context, n models.Notification) error {
	underWay := h.tx.rows(ctx).Model(&models.Attempt{}).Select("1").
		Where("attempts.delivery_id = deliveries.id AND attempts.outcome = ''")
	result := h.tx.rows(ctx).Model(&models.Delivery{}).
		Where("notification_id = ? AND state = ? AND merged_into = ''", n.ID, models.DeliveryPending).
		Where("NOT EXISTS (?)", underWay).
		Updates(map[string]any{
			"state": models.DeliveryCancelled, "reason": models.ReasonCancelled, "next_attempt_at": nil, "finished_at": h.tx.now(),
		})
	if result.Error != nil || result.RowsAffected == 0 {
		return failed("cancel deliveries", result.Error)
	}
	return h.tx.wakes().wake(ctx, models.EntityNotification, n.Others()...)
}

func (h TxNotifications) finish(ctx context.Context, id string, status models.NotificationStatus, reason string) error {
	return h.update(ctx, id, map[string]any{"status": status, "reason": reason, "finished_at": h.tx.now()})
}

func (h TxNotifications) update(ctx context.Context, id string, change map[string]any) error {
	err := h.tx.rows(ctx).Model(&models.Notification{}).Where("id = ?", id).Updates(change).Error
	return failed("update notification", err)
}

// narrow selects what decides about a notification, without its contents.
func narrow(ctx context.Context, sc Scope) *gorm.DB {
	return sc.rows(ctx).Select("id", "account_id", "type", "source", "status", "reason", "schedule_at", "expires_at",
		"cancelled_at", "planned_at", "finished_at", "created_at", "repeats", "repeated_at", "merged_with")
}

// lock serialises everything that changes a notification or its
// deliveries: each such transaction begins with it. Index: primary key.
func (h TxNotifications) lock(ctx context.Context, id string) (models.Notification, error) {
	return one[models.Notification]("lock notification", forUpdate(narrow(ctx, h.tx.Scope)), id)
}

// of returns all of the notification's, in the order they were made.
// Index: deliveries_notification.
func (h deliveries) of(ctx context.Context, notification string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := h.sc.rows(ctx).Where("notification_id = ?", notification).Order("id").Find(&rows).Error
	return rows, failed("read deliveries", err)
}

// statesOf reads what SumUp needs. Index: deliveries_notification.
func (h deliveries) statesOf(ctx context.Context, notification string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := h.sc.rows(ctx).Select("id", "channel", "state", "reason", "replay_of").
		Where("notification_id = ?", notification).Order("id").Find(&rows).Error
	return rows, failed("read delivery states", err)
}

// openOf returns the oldest pending ones that are in no other's envelope. Index: deliveries_notification.
func (h deliveries) openOf(ctx context.Context, notification string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := h.sc.rows(ctx).Where("notification_id = ? AND state = ? AND merged_into = ''", notification, models.DeliveryPending).
		Order("id").Limit(maxPending).Find(&rows).Error
	return rows, failed("read open deliveries", err)
}
