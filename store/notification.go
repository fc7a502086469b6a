package store

import (
	"bytes"
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

// Submissions reads what products submitted, over all accounts.
type Submissions struct{ p Platform }

// Submissions returns what products submitted, over all accounts.
func (p Platform) Submissions() Submissions { return Submissions{p: p} }

// TxSubmissions reads and changes what products submitted, over all accounts, in a transaction.
type TxSubmissions struct {
	Submissions
	tx TxPlatform
}

// Submissions returns what products submitted, over all accounts, inside the transaction.
func (tx TxPlatform) Submissions() TxSubmissions {
	return TxSubmissions{Submissions: tx.Platform.Submissions(), tx: tx}
}

// Repeats reports whether the product submitted the same content under the same
// external id before. Indexes: see submittedBefore.
func (h Submissions) Repeats(ctx context.Context, n models.Notification) (bool, error) {
	earlier, err := h.before(ctx, n)
	if models.CodeOf(err) == models.CodeConflict {
		return false, nil
	}
	return earlier != nil, err
}

const whySubmitted = "who submitted a notification sees it"

const oncePerProduct = "external ids are unique per product"

// sameSubmission returns the notification that has the product's external id
// already. Index: notifications_external.
func (h Submissions) sameSubmission(ctx context.Context, n models.Notification) (models.Notification, error) {
	var earlier models.Notification
	err := h.p.rows(ctx, oncePerProduct).
		Where("product_id = ? AND external_key = ?", n.ProductID, n.ExternalID).Take(&earlier).Error
	if err != nil {
		return n, failed("find earlier submission", err)
	}
	if !bytes.Equal(earlier.Fingerprint, n.Fingerprint) {
		return n, takenExternalID()
	}
	return earlier, nil
}

func takenExternalID() error {
	return models.Errorf(models.CodeConflict, "Another notification was submitted with this external id.")
}

func notificationKey(n models.Notification) (time.Time, string) { return n.CreatedAt, n.ID }

// listed leaves out the wide columns.
func listed(q *gorm.DB) *gorm.DB { return q.Omit("variables", "fingerprint") }

// Notifications reads the account's notifications.
type Notifications struct{ sc Scope }

// Notifications returns the account's notifications.
func (sc Scope) Notifications() Notifications { return Notifications{sc: sc} }

// TxNotifications reads and changes the account's notifications, in a transaction.
type TxNotifications struct {
	Notifications
	tx TxScope
}

// Notifications returns the account's notifications, inside the transaction.
func (tx TxScope) Notifications() TxNotifications {
	return TxNotifications{Notifications: tx.Scope.Notifications(), tx: tx}
}

// List returns a page, newest first, without variables. Indexes:
// notifications_newest, notifications_type.
func (h Notifications) List(ctx context.Context, f NotificationFilter, page Page) ([]models.Notification, string, error) {
	return newest(f.With(f.Apply(listed(f.Indexed(h.sc.rows(ctx)))), h.sc.rows(ctx)), page, notificationKey)
}

// List returns a page of what the product submitted for any
// account, or the platform itself (""), newest first, without variables. Index:
// notifications_product.
func (h Submissions) List(ctx context.Context, product string, f NotificationFilter, page Page) ([]models.Notification, string, error) {
	return newest(f.With(f.Apply(listed(h.submitted(ctx, product))), h.p.rows(ctx, whySubmitted)), page, notificationKey)
}

// WaitingBy returns what the operator submitted and is not due yet, oldest first, without
// variables; empty, never nil. Indexes: primary key, and see made.
func (h Submissions) WaitingBy(ctx context.Context, user string) ([]models.Notification, error) {
	waiting := []models.Notification{}
	err := listed(h.submitted(ctx, "")).Where("status = ?", models.StatusScheduled).
		Where("id IN (?)", made(ctx, h.p.platform(), user, "notification.create", "notification.create_batch")).
		Order("created_at, id").Find(&waiting).Error
	return waiting, failed("read submissions of their maker", err)
}

// Summaries returns what a list shows of the notifications besides their rows, by id.
func (h Submissions) Summaries(ctx context.Context, ids []string) (map[string]list.Summary, error) {
	summaries, err := list.Summaries(h.p.rows(ctx, whySubmitted), h.p.rows(ctx, whySubmitted), ids)
	return summaries, failed("summarise submissions", err)
}

// Summaries returns what a list shows of the account's notifications besides their rows, by id.
func (h Notifications) Summaries(ctx context.Context, ids []string) (map[string]list.Summary, error) {
	summaries, err := list.Summaries(h.sc.rows(ctx), h.sc.rows(ctx), ids)
	return summaries, failed("summarise notifications", err)
}

// Deliveries returns a page of the account's deliveries, those of the newest notifications
// first. Indexes: see list.Deliveries.
func (h Notifications) Deliveries(ctx context.Context, f DeliveryFilter, page Page) ([]models.Delivery, string, error) {
	rows, next, err := f.List(func() *gorm.DB { return h.sc.rows(ctx) }, page)
	return rows, next, failed("list deliveries", err)
}

// AccountOf returns the account of a notification that the product,
// or the platform itself (""), submitted; not-found otherwise. Index: primary key.
func (h Submissions) AccountOf(ctx context.Context, product, id string) (models.AccountID, error) {
	n, err := one[models.Notification]("find notification", h.submitted(ctx, product).Select("id", "account_id"), id)
	return n.AccountID, err
}

func (h Submissions) submitted(ctx context.Context, product string) *gorm.DB {
	return h.p.rows(ctx, whySubmitted).Where("product_id = ?", product)
}

// Report is everything known about one notification.
type Report struct {
	Notification models.Notification
	// Deliveries are in the order they were made.
	Deliveries []models.Delivery
	// Attempts are by delivery id, each list by number.
	Attempts map[string][]models.Attempt
	// Envelopes are by id: those in which some of them are with others.
	Envelopes map[string]models.Envelope
	// MessageID is the account inbox's message, its own or that of the notifications it is
	// merged with; "" when it is deleted or not due.
	MessageID string
	// Addresses are by id: what people typed, to be shown masked. Those that are
	// gone are missing.
	Addresses map[string]string
}

// Report returns the notification with its deliveries and attempts in at
// most seven queries, as they stand at one instant. Indexes: deliveries_notification,
// attempts primary key, messages_notification, addresses primary key.
func (h Notifications) Report(ctx context.Context, id string) (Report, error) {
	var r Report
	err := h.sc.snapshot(ctx, func(sc Scope) error {
		var err error
		r, err = sc.Notifications().report(ctx, id)
		return err
	})
	return r, failed("read report", err)
}

func (h Notifications) report(ctx context.Context, id string) (Report, error) {
	r := Report{Attempts: map[string][]models.Attempt{}, Addresses: map[string]string{}, Envelopes: map[string]models.Envelope{}}
	var err error
	if r.Notification, err = byID[models.Notification](ctx, h.sc, id); err != nil {
		return r, err
	}
	if r.Deliveries, err = h.sc.deliveries().of(ctx, id); err != nil {
		return r, err
	}
	ids, addresses := make([]string, 0, len(r.Deliveries)), make([]string, 0, len(r.Deliveries))
	for _, d := range r.Deliveries {
		ids, addresses = append(ids, d.ID), append(addresses, d.AddressID)
	}
	var attempts []models.Attempt
	if err := h.sc.rows(ctx).Where("delivery_id IN ?", ids).Order("delivery_id, number").Find(&attempts).Error; err != nil {
		return r, failed("read attempts", err)
	}
	for _, a := range attempts {
		r.Attempts[a.DeliveryID] = append(r.Attempts[a.DeliveryID], a)
	}
	if err := h.sc.deliveries().reportEnvelopes(ctx, &r); err != nil {
		return r, err
	}
	return r, h.reportTexts(ctx, &r, addresses)
}

func (h Notifications) reportTexts(ctx context.Context, r *Report, addressIDs []string) error {
	var rows []models.Address
	if err := h.sc.rows(ctx).Select("id", "value").Where("id IN ?", addressIDs).Find(&rows).Error; err != nil {
		return failed("read addresses", err)
	}
	for _, a := range rows {
		r.Addresses[a.ID] = a.Value
	}
	holder := r.Notification.ID
	for _, d := range r.Deliveries {
		if d.Slot == models.SlotAccountInbox && d.Reason == models.ReasonMerged {
			holder = r.Notification.MergedWith[0]
		}
	}
	var ids []string
	err := h.sc.rows(ctx).Model(&models.Message{}).Where("notification_id = ? AND owner = ''", holder).
		Limit(1).Pluck("id", &ids).Error
	if len(ids) > 0 {
		r.MessageID = ids[0]
	}
	return failed("find inbox message", err)
}

// Cancel ends what has not been sent yet: a notification that waits
// for its time at once, else every delivery without a call under way. It returns
// the notification before and after. Codes: not-found; conflict when it is final
// or cancelled already.
func (h TxNotifications) Cancel(ctx context.Context, id string) (before, after models.Notification, err error) {
	before, err = one[models.Notification]("lock notification", forUpdate(h.tx.rows(ctx)), id)
	if err != nil {
		return before, before, err
	}
	if before.Status.Final() || before.CancelledAt != nil {
		return before, before, models.Errorf(models.CodeConflict, "It cannot be cancelled any more: it is %s.", before.Status)
	}
	after = before
	now := h.tx.now()
	after.CancelledAt = &now
	if err := h.update(ctx, id, map[string]any{"cancelled_at": now}); err != nil {
		return before, after, err
	}
	if err := h.tx.wakes().wake(ctx, models.EntityNotification, id); err != nil {
		return before, after, err
	}
	if _, err := h.tx.deliveries().catchUp(ctx, after); err != nil {
		return before, after, err
	}
	after.Status, after.Reason, err = h.settle(ctx, after)
	if after.Status.Final() {
		after.FinishedAt = &now
	}
	return before, after, err
}
