package store

import (
	"context"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// maxPending bounds the open deliveries that Progress returns; a notification
// with more is continued when these are done.
const maxPending = 500

// OpenNotification returns the notification as a workflow needs it. Index:
// primary key.
func (s *Store) OpenNotification(ctx context.Context, account models.AccountID, id string) (models.Notification, error) {
	return byID[models.Notification](ctx, s.In(account), id)
}

// AccountLanguage returns the locale of the account. Index: primary key.
func (s *Store) AccountLanguage(ctx context.Context, account models.AccountID) (string, error) {
	a, err := s.In(account).Account(ctx)
	return a.Language, err
}

// PlanNotification stores the plan, unless the notification was planned or ended
// before, and returns where it stands then; so a repeat does no harm. A plan
// that leaves nothing open ends the notification. The account's inbox message is
// written only if acceptance did not.
func (s *Store) PlanNotification(ctx context.Context, account models.AccountID, id string, plan models.Plan) (models.Progress, error) {
	var p models.Progress
	err := s.Write(ctx, func(tx *Tx) error {
		var err error
		p, err = tx.In(account).plan(ctx, id, plan)
		return err
	})
	return p, err
}

func (tx TxScope) plan(ctx context.Context, id string, plan models.Plan) (models.Progress, error) {
	n, err := tx.lockNotification(ctx, id)
	if err != nil {
		return models.Progress{}, err
	}
	if n.PlannedAt != nil || n.Status.Final() || n.CancelledAt != nil {
		return tx.progressOf(ctx, n)
	}
	now := tx.now()
	n.PlannedAt = &now
	if err := tx.dequeue(ctx, models.DispatchStart, id); err != nil {
		return models.Progress{}, err
	}
	if err := tx.takeQuotas(ctx, &plan); err != nil {
		return models.Progress{}, err
	}
	deliveries := make([]models.Delivery, 0, len(plan.Deliveries))
	for _, d := range plan.Deliveries {
		deliveries = append(deliveries, tx.planned(d, id))
	}
	if len(deliveries) > 0 {
		if err := tx.insert(ctx, &deliveries); err != nil {
			return models.Progress{}, failed("store deliveries", err)
		}
	}
	n.Status, n.Reason = models.SumUp(deliveries)
	change := map[string]any{"planned_at": now, "status": n.Status, "reason": n.Reason}
	if n.Status.Final() {
		change["finished_at"] = now
	}
	if plan.ExpiresAt.After(n.ExpiresAt) {
		change["expires_at"] = plan.ExpiresAt
	}
	if err := tx.updateNotification(ctx, id, change); err != nil {
		return models.Progress{}, err
	}
	for i := range plan.Messages {
		plan.Messages[i].Repeats, plan.Messages[i].RepeatedAt = n.Repeats, n.RepeatedAt
	}
	return models.Progress{Status: n.Status, Pending: pending(deliveries)}, tx.appendMessages(ctx, plan.Messages)
}

// planned completes a decided delivery: open ones are due at once, unless they are held.
func (tx TxScope) planned(d models.Delivery, notification string) models.Delivery {
	now := tx.now()
	d.ID, d.AccountID, d.NotificationID, d.CreatedAt = NewID(models.KindDelivery), tx.account, notification, now
	if d.State.Final() {
		d.FinishedAt = &now
		return d
	}
	if d.NextAttemptAt == nil {
		d.NextAttemptAt = &now
	}
	return d
}

func pending(deliveries []models.Delivery) []models.Delivery {
	var open []models.Delivery
	for _, d := range deliveries {
		if !d.State.Final() && len(open) < maxPending {
			open = append(open, d)
		}
	}
	return open
}

// SettleNotification brings the notification's status up to date and returns
// where it stands: after a cancellation every delivery without a call under way
// is cancelled.
func (s *Store) SettleNotification(ctx context.Context, account models.AccountID, id string) (models.Progress, error) {
	var p models.Progress
	err := s.Write(ctx, func(tx *Tx) error {
		scope := tx.In(account)
		n, err := scope.lockNotification(ctx, id)
		if err != nil {
			return err
		}
		p, err = scope.progressOf(ctx, n)
		return err
	})
	return p, err
}

// progressOf settles the locked notification and lists what is open.
func (tx TxScope) progressOf(ctx context.Context, n models.Notification) (models.Progress, error) {
	if n.PlannedAt == nil && n.CancelledAt == nil {
		return models.Progress{Status: n.Status}, nil
	}
	status, _, err := tx.settle(ctx, n)
	if err != nil || status.Final() {
		return models.Progress{Status: status}, err
	}
	open, err := tx.openDeliveries(ctx, n.ID)
	return models.Progress{Status: status, Pending: open}, err
}

// settle cancels what a cancellation reaches, sums the deliveries up and stores
// a final status. The notification is locked. A final one stays as it is.
func (tx TxScope) settle(ctx context.Context, n models.Notification) (models.NotificationStatus, string, error) {
	if n.Status.Final() {
		return n.Status, n.Reason, nil
	}
	if n.CancelledAt != nil && n.PlannedAt == nil {
		if err := tx.dequeue(ctx, models.DispatchStart, n.ID); err != nil {
			return "", "", err
		}
		return models.StatusCancelled, models.ReasonCancelled,
			tx.finish(ctx, n.ID, models.StatusCancelled, models.ReasonCancelled)
	}
	if n.CancelledAt != nil {
		if err := tx.cancelOpen(ctx, n.ID); err != nil {
			return "", "", err
		}
	}
	deliveries, err := tx.deliveryStates(ctx, n.ID)
	if err != nil {
		return "", "", err
	}
	status, reason := models.SumUp(deliveries)
	if !status.Final() {
		return status, reason, nil
	}
	return status, reason, tx.finish(ctx, n.ID, status, reason)
}

// cancelOpen cancels the open deliveries without a call under way.
func (tx TxScope) cancelOpen(ctx context.Context, notification string) error {
	now := tx.now()
	underWay := tx.rows(ctx).Model(&models.Attempt{}).Select("1").
		Where("attempts.delivery_id = deliveries.id AND attempts.outcome = ''")
	err := tx.rows(ctx).Model(&models.Delivery{}).
		Where("notification_id = ? AND state = ?", notification, models.DeliveryPending).
		Where("NOT EXISTS (?)", underWay).
		Updates(map[string]any{
			"state": models.DeliveryCancelled, "reason": models.ReasonCancelled, "next_attempt_at": nil, "finished_at": now,
		}).Error
	return failed("cancel deliveries", err)
}

func (tx TxScope) finish(ctx context.Context, id string, status models.NotificationStatus, reason string) error {
	return tx.updateNotification(ctx, id, map[string]any{"status": status, "reason": reason, "finished_at": tx.now()})
}

func (tx TxScope) updateNotification(ctx context.Context, id string, change map[string]any) error {
	err := tx.rows(ctx).Model(&models.Notification{}).Where("id = ?", id).Updates(change).Error
	return failed("update notification", err)
}

// narrow selects what decides about a notification, without its contents.
func narrow(ctx context.Context, sc Scope) *gorm.DB {
	return sc.rows(ctx).Select("id", "account_id", "type", "source", "status", "reason", "schedule_at", "expires_at",
		"cancelled_at", "planned_at", "finished_at", "created_at", "repeats", "repeated_at")
}

// notificationTimes reads the narrow columns. Index: primary key.
func (sc Scope) notificationTimes(ctx context.Context, id string) (models.Notification, error) {
	return one[models.Notification]("read notification", narrow(ctx, sc), id)
}

// lockNotification serialises everything that changes a notification or its
// deliveries: each such transaction begins with it. Index: primary key.
func (tx TxScope) lockNotification(ctx context.Context, id string) (models.Notification, error) {
	return one[models.Notification]("lock notification", forUpdate(narrow(ctx, tx.Scope)), id)
}

// deliveries returns all of the notification's, in the order they were made.
// Index: deliveries_notification.
func (sc Scope) deliveries(ctx context.Context, notification string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := sc.rows(ctx).Where("notification_id = ?", notification).Order("id").Find(&rows).Error
	return rows, failed("read deliveries", err)
}

// deliveryStates reads what SumUp needs. Index: deliveries_notification.
func (sc Scope) deliveryStates(ctx context.Context, notification string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := sc.rows(ctx).Select("id", "channel", "state", "reason", "replay_of").
		Where("notification_id = ?", notification).Order("id").Find(&rows).Error
	return rows, failed("read delivery states", err)
}

// openDeliveries returns the oldest pending ones. Index: deliveries_notification.
func (sc Scope) openDeliveries(ctx context.Context, notification string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := sc.rows(ctx).Where("notification_id = ? AND state = ?", notification, models.DeliveryPending).
		Order("id").Limit(maxPending).Find(&rows).Error
	return rows, failed("read open deliveries", err)
}
