// Package deliveries is what people, bots and addresses got, and did not get.
package deliveries

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/page"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/list"
)

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/deliveries", "delivery.list", 200, listDeliveries),
		operation.Serve("GET /v1/deliveries/resend", "delivery.resendable", 200, countResendable),
		operation.Serve("POST /v1/deliveries/resend", "delivery.resend", 202, resend),
		operation.Serve("POST "+receiptPath+"{provider_id}/{delivery_id}/{attempt}", "receipt.record", 204, takeReceipt),
	}, describe(), describeResends())
}

func describe() map[string]operation.Operation {
	return map[string]operation.Operation{
		"delivery.list": {
			Summary:     "List the deliveries",
			Description: "What a contact, a bot or an address got and did not get, those of the newest notifications first.",
		},
		"receipt.record": {
			Summary: "Take what a provider says of a message that it sent", Public: true, Linked: true, Frequent: true,
			Consumes: []string{page.Form}, Fails: []int{http.StatusForbidden},
			Description: "For the provider, which gets the address with the message and signs what it posts: 403 without its signature. A delivery that was accepted becomes delivered or failed; what comes again, or late, changes nothing.",
		},
	}
}

// recentDelivery is a delivery with what it is of.
type recentDelivery struct {
	ID             string               `json:"id"`
	NotificationID string               `json:"notification_id"`
	Title          string               `json:"title" doc:"Of the message in the account's inbox; empty when it is deleted, or not due."`
	Channel        models.Channel       `json:"channel"`
	Recipient      string               `json:"recipient" doc:"The contact's or bot's name then."`
	ContactID      string               `json:"contact_id"`
	BotID          string               `json:"bot_id"`
	Address        string               `json:"address" doc:"Masked."`
	State          models.DeliveryState `json:"state" enum:"pending,accepted,delivered,failed,cancelled,suppressed"`
	Reason         string               `json:"reason"`
	Attempts       int                  `json:"attempts" doc:"How many were made."`
	CreatedAt      time.Time            `json:"created_at"`
	FinishedAt     *time.Time           `json:"finished_at"`
}

// Reached is embedded by the In types of lists that select by deliveries.
type Reached struct {
	ContactID string               `query:"contact_id" pattern:"^(ctc_[0-9a-f]{32})?$" patternDescription:"a contact's id" doc:"Only what was for this contact."`
	BotID     string               `query:"bot_id" pattern:"^(bot_[0-9a-f]{32})?$" patternDescription:"a bot's id" doc:"Only what was for this bot."`
	Address   string               `query:"address" maxLength:"254" doc:"Only what was for this e-mail address or phone number, however it is written."`
	Channel   models.Channel       `query:"channel" maxLength:"32" doc:"Only what was for this channel."`
	State     models.DeliveryState `query:"state" enum:"pending,accepted,delivered,failed,cancelled,suppressed" doc:"Only those with a delivery in this state."`
	Reason    string               `query:"reason" maxLength:"64" doc:"Only those with a delivery that has this reason."`
}

// Parts bind a cursor to the filter.
func (r Reached) Parts() []string {
	return []string{r.ContactID, r.BotID, r.Address, string(r.Channel), string(r.State), r.Reason}
}

// Filter is the store's form. Code validation-failed: it is no address.
func (r Reached) Filter(s *operation.Core) (store.DeliveryFilter, error) {
	out := store.DeliveryFilter{ContactID: r.ContactID, BotID: r.BotID, Channel: r.Channel, State: r.State, Reason: r.Reason}
	if r.Address == "" {
		return out, nil
	}
	kinds := s.Channels.AddressKinds()
	for _, channel := range slices.Sorted(maps.Keys(kinds)) {
		if key, code := kinds.Normalise(channel, r.Address); code == "" {
			out.AddressKeys = append(out.AddressKeys, key)
		}
	}
	if len(out.AddressKeys) == 0 {
		return out, models.Invalid("query/address", "invalid-address", "is no address of any channel")
	}
	return out, nil
}

type listDeliveriesIn struct {
	operation.Listing
	Reached
	From time.Time `query:"from" doc:"When it was planned, inclusive."`
	To   time.Time `query:"to" doc:"Exclusive."`
}

func listDeliveries(ctx context.Context, c *operation.Call, in *listDeliveriesIn) (*operation.ListOut[recentDelivery], error) {
	p, err := c.Paging(in.Listing, append(in.Parts(), wire.Stamp(in.From), wire.Stamp(in.To))...)
	if err != nil {
		return nil, err
	}
	filter, err := in.Filter(c.Core)
	if err != nil {
		return nil, err
	}
	filter.From, filter.To = in.From, in.To
	scope := c.Store.In(c.Account()).Notifications()
	rows, next, err := scope.Deliveries(ctx, filter, p.Page)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.NotificationID
	}
	summaries, err := scope.Summaries(ctx, ids)
	return operation.Listed(p, rows, next, func(d models.Delivery) recentDelivery { return viewRecent(d, summaries[d.NotificationID]) }), err
}

func viewRecent(d models.Delivery, of list.Summary) recentDelivery {
	return recentDelivery{
		ID: d.ID, NotificationID: d.NotificationID, Title: of.Title, Channel: d.Channel, Recipient: d.Recipient, ContactID: d.ContactID, BotID: d.BotID,
		Address: models.Masked(d.AddressKey), State: d.State, Reason: d.Reason, Attempts: d.Attempts, CreatedAt: d.CreatedAt, FinishedAt: d.FinishedAt,
	}
}
