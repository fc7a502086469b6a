package notifications

import (
	"context"
	"time"

	"belfry.dev/belfry/api/deliveries"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// maxSubmission bounds the body of one submission, maxBatch that of a batch.
const (
	maxSubmission = 64 << 10
	maxBatch      = 1 << 20
)

func describeNotifications() map[string]operation.Operation {
	return map[string]operation.Operation{
		"notification.create": {
			Summary: "Submit a notification", MaxBodyBytes: maxSubmission,
			Frequent:    true,
			Description: "The answer means that it is stored and will be delivered, whatever else is down. The same external_id with the same content is the same notification. Events with the same dedup_key within the message type's window are one notification with a count.",
		},
		"notification.create_batch": {
			Summary:      "Submit up to 500 notifications",
			MaxBodyBytes: maxBatch,
			Frequent:     true,
			Description:  "Each item succeeds or fails by itself, and has its own result. All that succeed are stored together: an answer other than 200 means that none was. One Idempotency-Key stands for the whole batch.",
		},
		"notification.list": {
			Summary:     "List the notifications",
			Description: "Accounts see their own, products what they submitted, operators what the platform submitted.",
		},
		"notification.get": {
			Summary:     "Show a notification's life",
			Description: "Who was tried over what, every attempt with the provider's answer, and why anyone was not.",
		},
		"notification.cancel": {
			Summary:     "Cancel a notification",
			Description: "What is not sent yet is not sent. A call that is under way comes to its end.",
		},
		"notification.resend": {
			Summary: "Send again what failed", Description: "Exactly the failed deliveries get a new one; its receiver sees the same idempotency key.",
		},
	}
}

// NotificationView is a notification in a list; reports embed it.
type NotificationView struct {
	ID             string                    `json:"id"`
	Type           string                    `json:"type"`
	AccountID      models.AccountID          `json:"account_id"`
	Status         models.NotificationStatus `json:"status" enum:"scheduled,pending,delivered,partial,failed,cancelled,expired"`
	Reason         string                    `json:"reason" doc:"Why it is failed, partial, cancelled or expired; else empty."`
	Severity       models.Severity           `json:"severity" enum:"info,warning,critical"`
	Source         models.Source             `json:"source" enum:"product,platform,announcement,reminder,invitation" doc:"What made it; subject_id names it."`
	ProductID      string                    `json:"product_id"`
	SubjectID      string                    `json:"subject_id" doc:"The announcement that it is a part of, the resource that it reminds of, the first of several, or the invitation that it asks to answer; else empty."`
	IdempotencyKey string                    `json:"idempotency_key" doc:"Of the submission."`
	ExternalID     string                    `json:"external_id"`
	DedupKey       string                    `json:"dedup_key"`
	Count          int64                     `json:"count" doc:"How many equal events it stands for: 1, and one more for each that was deduplicated."`
	LastSeenAt     time.Time                 `json:"last_seen_at" doc:"When the newest of them was accepted."`
	MergedWith     []string                  `json:"merged_with" doc:"The notifications of the same moment whose messages to one recipient leave as one message with this one's; empty when it stands alone."`
	Link           string                    `json:"link"`
	Language       string                    `json:"language" doc:"The account's when it was accepted."`
	CreatedAt      time.Time                 `json:"created_at"`
	ScheduleAt     *time.Time                `json:"schedule_at" doc:"When it is due; null means at once."`
	ExpiresAt      time.Time                 `json:"expires_at" doc:"No attempt is made after it."`
	CancelledAt    *time.Time                `json:"cancelled_at"`
	FinishedAt     *time.Time                `json:"finished_at"`
}

func viewNotification(n models.Notification) NotificationView {
	return NotificationView{
		ID: n.ID, Type: n.Type, AccountID: n.AccountID, Status: n.Status, Reason: n.Reason, Severity: n.Severity,
		Source: n.Source, SubjectID: n.SubjectID, ProductID: n.ProductID, IdempotencyKey: n.IdempotencyKey, ExternalID: n.ExternalID, Link: n.Link,
		DedupKey: n.DedupKey, Count: n.Count(), LastSeenAt: n.LastSeenAt(), Language: n.Language, CreatedAt: n.CreatedAt, ScheduleAt: n.ScheduleAt, ExpiresAt: n.ExpiresAt,
		CancelledAt: n.CancelledAt, FinishedAt: n.FinishedAt, MergedWith: n.Others(),
	}
}

// reportView is everything that is known about one notification.
type reportView struct {
	ListedNotification
	Deliveries []deliveryView `json:"deliveries" doc:"In the order they were made: what was tried, and what routing suppressed."`
	Inbox      inboxRefView   `json:"inbox"`
}

// tallyView adds up to the number of deliveries.
type tallyView struct {
	Pending    int `json:"pending"`
	Accepted   int `json:"accepted" doc:"Taken by the provider, whose receipt is awaited."`
	Delivered  int `json:"delivered"`
	Failed     int `json:"failed"`
	Cancelled  int `json:"cancelled"`
	Suppressed int `json:"suppressed"`
}

type inboxRefView struct {
	MessageID string `json:"message_id" doc:"In the account's inbox; empty before it is due, and when it is deleted."`
}

type deliveryView struct {
	ID            string                   `json:"id"`
	Channel       models.Channel           `json:"channel"`
	Recipient     string                   `json:"recipient" doc:"The contact's or bot's name then."`
	ContactID     string                   `json:"contact_id"`
	Address       string                   `json:"address" doc:"Masked."`
	BotID         string                   `json:"bot_id"`
	Language      string                   `json:"language"`
	Locked        bool                     `json:"locked" doc:"A floor that nobody can switch off."`
	State         models.DeliveryState     `json:"state" enum:"pending,accepted,delivered,failed,cancelled,suppressed"`
	Reason        string                   `json:"reason"`
	NextAttemptAt *time.Time               `json:"next_attempt_at" doc:"Null when nothing more is tried, or when it waits for a repair."`
	ReplayOf      string                   `json:"replay_of" doc:"The delivery that this one repeats."`
	MergedInto    *carrierView             `json:"merged_into" doc:"The delivery whose message tells of this notification, too; its attempts are shown. Null when it has a message of its own, and in a digest."`
	Envelope      *envelopeView            `json:"envelope" doc:"The digest that it is in; its attempts are shown. Null for none."`
	CreatedAt     time.Time                `json:"created_at"`
	FinishedAt    *time.Time               `json:"finished_at"`
	Attempts      []deliveries.AttemptView `json:"attempts"`
}

// carrierView is a delivery of another notification.
type carrierView struct {
	DeliveryID     string `json:"delivery_id"`
	NotificationID string `json:"notification_id"`
}

// envelopeView is one message that tells of several notifications.
type envelopeView struct {
	ID       string               `json:"id"`
	State    models.EnvelopeState `json:"state" enum:"open,closed,delivered,failed,cancelled"`
	ClosesAt time.Time            `json:"closes_at" doc:"Until then deliveries join it; then it leaves."`
	Joined   int                  `json:"joined" doc:"How many joined so far."`
}

func viewReport(listed ListedNotification, r store.Report) reportView {
	v := reportView{
		ListedNotification: listed,
		Deliveries:         make([]deliveryView, 0, len(r.Deliveries)), Inbox: inboxRefView{MessageID: r.MessageID},
	}
	for _, d := range r.Deliveries {
		v.Deliveries = append(v.Deliveries, viewDelivery(d, r))
	}
	return v
}

func (c *tallyView) add(state models.DeliveryState, number int) {
	switch state {
	case models.DeliveryPending:
		c.Pending += number
	case models.DeliveryAccepted:
		c.Accepted += number
	case models.DeliveryDelivered:
		c.Delivered += number
	case models.DeliveryFailed:
		c.Failed += number
	case models.DeliveryCancelled:
		c.Cancelled += number
	case models.DeliverySuppressed:
		c.Suppressed += number
	}
}

func viewDelivery(d models.Delivery, r store.Report) deliveryView {
	address := r.Addresses[d.AddressID]
	if address == "" {
		address = d.AddressKey // it was deleted meanwhile
	}
	v := deliveryView{
		ID: d.ID, Channel: d.Channel, Recipient: d.Recipient, ContactID: d.ContactID, Address: models.Masked(address), BotID: d.BotID,
		Language: d.Language, Locked: d.Locked, State: d.State, Reason: d.Reason, NextAttemptAt: d.NextAttemptAt,
		ReplayOf: d.ReplayOf, CreatedAt: d.CreatedAt, FinishedAt: d.FinishedAt, Attempts: deliveries.ViewAttempts(r.Attempts[d.ID]),
	}
	switch e := r.Envelopes[d.EnvelopeID]; {
	case d.EnvelopeID == "":
	case e.Joined > 0:
		v.NextAttemptAt = e.NextAt
		v.Envelope = &envelopeView{ID: e.ID, State: e.State, ClosesAt: e.ClosesAt, Joined: e.Joined}
	default:
		v.NextAttemptAt = nil // that of what leads counts
		v.MergedInto = &carrierView{DeliveryID: d.EnvelopeID, NotificationID: r.Envelopes[d.EnvelopeID].NotificationID}
	}
	return v
}

type listNotificationsIn struct {
	operation.Listing
	deliveries.Reached
	Type       string                    `query:"type" maxLength:"64"`
	Status     models.NotificationStatus `query:"status" enum:"scheduled,pending,delivered,partial,failed,cancelled,expired"`
	ExternalID string                    `query:"external_id" maxLength:"128"`
	DedupKey   string                    `query:"dedup_key" maxLength:"128" doc:"Of the first of equal events; only together with type."`
	From       time.Time                 `query:"from" doc:"When it was accepted, inclusive."`
	To         time.Time                 `query:"to" doc:"Exclusive."`
}

func listNotifications(ctx context.Context, c *operation.Call, in *listNotificationsIn) (*operation.ListOut[ListedNotification], error) {
	p, err := c.Paging(in.Listing, append(in.Parts(), in.Type, string(in.Status), in.ExternalID, in.DedupKey, wire.Stamp(in.From), wire.Stamp(in.To))...)
	if err != nil {
		return nil, err
	}
	if in.DedupKey != "" && in.Type == "" {
		return nil, models.Invalid("query/type", "required", "Say of which message type, together with dedup_key.")
	}
	filter := store.NotificationFilter{Type: in.Type, Status: in.Status, ExternalID: in.ExternalID, DedupKey: in.DedupKey, From: in.From, To: in.To}
	if filter.Deliveries, err = in.Filter(c.Core); err != nil {
		return nil, err
	}
	rows, next, err := readNotifications(ctx, c, filter, p.Page)
	if err != nil {
		return nil, err
	}
	var from summariser = c.Store.In(c.Account()).Notifications()
	if _, foreign := submitterOf(c); foreign {
		from = c.Store.Platform().Submissions()
	}
	views, err := viewListed(ctx, c.Core, from, rows)
	return operation.Listed(p, views, next, func(v ListedNotification) ListedNotification { return v }), err
}

func readNotifications(ctx context.Context, c *operation.Call, f store.NotificationFilter, page store.Page) ([]models.Notification, string, error) {
	if product, ok := submitterOf(c); ok {
		return c.Store.Platform().Submissions().List(ctx, product, f, page)
	}
	return c.Store.In(c.Account()).Notifications().List(ctx, f, page)
}

// submitterOf says whose submissions the caller sees instead of those about its
// own account: a product's, or the platform's ("") for operators.
func submitterOf(c *operation.Call) (string, bool) {
	if c.Actor.Kind == models.ActorProduct {
		return c.Actor.ID, true
	}
	return "", c.Account() == models.Platform
}

// owner returns the account of a notification that the caller may see; not-found
// otherwise.
func owner(ctx context.Context, c *operation.Call, id string) (models.AccountID, error) {
	if product, ok := submitterOf(c); ok {
		return c.Store.Platform().Submissions().AccountOf(ctx, product, id)
	}
	return c.Account(), nil
}

type notificationIn struct {
	ID string `path:"id" pattern:"^ntf_[0-9a-f]{32}$"`
}

type reportOut struct {
	Body reportView
}

func getNotification(ctx context.Context, c *operation.Call, in *notificationIn) (*reportOut, error) {
	account, err := owner(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	report, err := c.Store.In(account).Notifications().Report(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if _, foreign := submitterOf(c); foreign {
		hideEndpoints(report)
	}
	views, err := viewListed(ctx, c.Core, c.Store.In(account).Notifications(), []models.Notification{report.Notification})
	return &reportOut{Body: viewReport(views[0], report)}, err
}

// hideEndpoints leaves out what the account's own endpoints answered: those words
// are their owner's. Source: docs/channels.md#webhook-outcomes.
func hideEndpoints(r store.Report) {
	for _, d := range r.Deliveries {
		if d.BotID == "" {
			continue
		}
		for i := range r.Attempts[d.ID] {
			r.Attempts[d.ID][i].ProviderMessage = ""
		}
	}
}

type notificationOut struct {
	Body ListedNotification
}

func cancelNotification(ctx context.Context, c *operation.Call, in *notificationIn) (*notificationOut, error) {
	account, err := owner(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[notificationOut], error) {
		before, after, err := tx.In(account).Notifications().Cancel(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		views, err := viewListed(ctx, c.Core, tx.In(account).Notifications(), []models.Notification{after})
		if err != nil {
			return nil, err
		}
		return operation.Did(&notificationOut{Body: views[0]}, operation.Of("notification", in.ID, after.Type),
			viewNotification(before), viewNotification(after)), nil
	})
}

type resentOut struct {
	Body struct {
		ID         string                    `json:"id"`
		Status     models.NotificationStatus `json:"status"`
		Deliveries []string                  `json:"deliveries" doc:"Ids of the new deliveries."`
	}
}

func resendNotification(ctx context.Context, c *operation.Call, in *notificationIn) (*resentOut, error) {
	account, err := owner(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[resentOut], error) {
		again, err := tx.In(account).Notifications().Resend(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &resentOut{}
		out.Body.ID, out.Body.Status, out.Body.Deliveries = in.ID, models.StatusPending, []string{}
		for _, d := range again {
			out.Body.Deliveries = append(out.Body.Deliveries, d.ID)
		}
		return operation.Did(out, operation.Of("notification", in.ID, ""), nil, out.Body), nil
	})
}
