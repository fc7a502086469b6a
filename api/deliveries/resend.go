package deliveries

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/list"
)

// Bounds of sending again.
const (
	mostCounted     = 10_000 // deliveries that are counted
	mostNamed       = 20     // recipients that are named
	resendsPerPlace = 60     // requests of an account in a minute
	resendWindow    = time.Minute
)

func describeResends() map[string]operation.Operation {
	return map[string]operation.Operation{
		"delivery.resendable": {
			Summary:     "Count what could be sent again",
			Description: "Deliveries that ended without arriving and were not sent again yet: how many, to whom, and why they ended. At most 10,000 are looked at, of the oldest notifications first.",
		},
		"delivery.resend": {
			Summary:     "Send again what did not arrive",
			Description: "Those that the same query counts, of the oldest notifications first, up to limit of them; providers get the idempotency keys of the first. Repeat it with the answer's to until left is 0: each is sent again once so, also if it fails again. At most 60 requests a minute.",
		},
	}
}

// Resending is what to send again; In types embed it.
type Resending struct {
	Reached
	Type string    `query:"type" maxLength:"128" doc:"Only notifications of this message type."`
	From time.Time `query:"from" required:"true" doc:"When it was planned, or sent again, inclusive."`
	To   time.Time `query:"to" doc:"Exclusive; default: now."`
}

// resends is the store's form. Code validation-failed.
func (in Resending) resends(s *operation.Core) (list.Resends, error) {
	filter, err := in.Filter(s)
	if err != nil {
		return list.Resends{}, err
	}
	filter.From, filter.To = in.From, in.To
	if filter.To.IsZero() {
		filter.To = s.Store.Now()
	}
	if in.From.IsZero() || !filter.From.Before(filter.To) {
		return list.Resends{}, models.Invalid("query/from", "out-of-range", "must be before to")
	}
	return list.Resends{Deliveries: filter, Type: in.Type}, nil
}

// resendableView is what could be sent again.
type resendableView struct {
	Deliveries    int            `json:"deliveries"`
	Notifications int            `json:"notifications"`
	More          bool           `json:"more" doc:"There are more than were counted."`
	Oldest        *time.Time     `json:"oldest" doc:"When the oldest was planned, or sent again."`
	To            time.Time      `json:"to" doc:"Send it with the request that sends them again: what fails after it is left out."`
	Recipients    []missedByView `json:"recipients" doc:"Who missed most, at most 20."`
	Reasons       []missedAsView `json:"reasons" doc:"Why they ended, the most frequent first."`
}

type missedByView struct {
	Recipient  string         `json:"recipient" doc:"The contact's or bot's name then."`
	Channel    models.Channel `json:"channel"`
	ContactID  string         `json:"contact_id"`
	BotID      string         `json:"bot_id"`
	Deliveries int            `json:"deliveries"`
}

type missedAsView struct {
	Reason     string `json:"reason" doc:"See docs/reasons.md."`
	Deliveries int    `json:"deliveries"`
}

type resendableOut struct {
	Body resendableView
}

func countResendable(ctx context.Context, c *operation.Call, in *Resending) (*resendableOut, error) {
	filter, err := in.resends(c.Core)
	if err != nil {
		return nil, err
	}
	found, err := c.Store.In(c.Account()).Notifications().Resendable(ctx, filter, mostCounted+1)
	if err != nil {
		return nil, err
	}
	v := resendableView{More: len(found) > mostCounted, To: filter.To}
	found = found[:min(len(found), mostCounted)]
	v.Deliveries, v.Notifications = len(found), notificationsOf(found)
	for _, d := range found {
		if v.Oldest == nil || d.CreatedAt.Before(*v.Oldest) {
			v.Oldest = &d.CreatedAt
		}
	}
	v.Recipients, v.Reasons = missedBy(found), missedAs(found)
	return &resendableOut{Body: v}, nil
}

// notificationsOf counts the notifications; deliveries of one stand together.
func notificationsOf(found []models.Delivery) int {
	return len(slices.CompactFunc(slices.Clone(found), func(a, b models.Delivery) bool { return a.NotificationID == b.NotificationID }))
}

func missedBy(found []models.Delivery) []missedByView {
	counts := map[missedByView]int{}
	for _, d := range found {
		counts[missedByView{Recipient: d.Recipient, Channel: d.Channel, ContactID: d.ContactID, BotID: d.BotID}]++
	}
	views := make([]missedByView, 0, len(counts))
	for v, n := range counts {
		v.Deliveries = n
		views = append(views, v)
	}
	slices.SortFunc(views, func(a, b missedByView) int {
		return cmp.Or(cmp.Compare(b.Deliveries, a.Deliveries), cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.ContactID+a.BotID, b.ContactID+b.BotID))
	})
	return views[:min(len(views), mostNamed)]
}

func missedAs(found []models.Delivery) []missedAsView {
	counts := map[string]int{}
	for _, d := range found {
		counts[d.Reason]++
	}
	views := []missedAsView{}
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		views = append(views, missedAsView{Reason: reason, Deliveries: counts[reason]})
	}
	slices.SortStableFunc(views, func(a, b missedAsView) int { return cmp.Compare(b.Deliveries, a.Deliveries) })
	return views
}

type resendIn struct {
	Resending
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"200" doc:"How many deliveries at most."`
}

type resentOut struct {
	Body resentView
}

type resentView struct {
	Resent        int       `json:"resent" doc:"How many deliveries were made."`
	Notifications int       `json:"notifications" doc:"Of how many notifications."`
	Left          int       `json:"left" doc:"How many were found besides; 10,000 at most."`
	To            time.Time `json:"to" doc:"For the next request: what fails after it is left out."`
}

// sentAgain is what the operation log keeps of it.
type sentAgain struct {
	resentView
	ContactID string               `json:"contact_id,omitempty"`
	BotID     string               `json:"bot_id,omitempty"`
	Channel   models.Channel       `json:"channel,omitempty"`
	Type      string               `json:"type,omitempty"`
	State     models.DeliveryState `json:"state,omitempty"`
	Reason    string               `json:"reason,omitempty"`
	From      time.Time            `json:"from"`
}

func resend(ctx context.Context, c *operation.Call, in *resendIn) (*resentOut, error) {
	if out, err := operation.Replayed[resentOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	filter, err := in.resends(c.Core)
	if err != nil {
		return nil, err
	}
	wait, err := c.Store.Limits().Hit(ctx, "resend "+string(c.Account()), resendsPerPlace, resendWindow)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		limited := models.Errorf(models.CodeRateLimited, "There were %d requests to send again in the last minute. Please wait.", resendsPerPlace)
		limited.RetryAfter = wait
		return nil, limited
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[resentOut], error) {
		rows := tx.In(c.Account()).Notifications()
		found, err := rows.Resendable(ctx, filter, mostCounted)
		if err != nil {
			return nil, err
		}
		chosen := found[:min(len(found), in.Limit)]
		out := &resentOut{Body: resentView{Notifications: notificationsOf(chosen), Left: len(found) - len(chosen), To: filter.To}}
		if out.Body.Resent, err = rows.ResendAll(ctx, chosen); err != nil {
			return nil, err
		}
		return operation.Did(out, in.object(c, chosen), nil, sentAgain{
			resentView: out.Body, ContactID: in.ContactID, BotID: in.BotID, Channel: in.Channel, Type: in.Type, State: in.State, Reason: in.Reason, From: in.From,
		}), nil
	})
}

// object is what the operation log has it under: the bot or contact that it was for, else
// the account.
func (in resendIn) object(c *operation.Call, chosen []models.Delivery) operation.Object {
	name := ""
	if len(chosen) > 0 {
		name = chosen[0].Recipient
	}
	switch {
	case in.BotID != "":
		return operation.Of("bot", in.BotID, name)
	case in.ContactID != "":
		return operation.Of("contact", in.ContactID, name)
	}
	return operation.Of("account", string(c.Account()), "")
}
