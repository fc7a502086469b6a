package reminders

import (
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
	"belfry.dev/belfry/models/schedule"
)

// hearing finds out whom a forecast's messages will go to.
type hearing struct {
	s *operation.Core
	f forecast
	// inputs are by message type, moments by instant and then by message type.
	inputs  map[string]routing.Input
	moments map[time.Time]map[string][]recipientView
}

// recipients are whom the message will go to, and why not.
func (h *hearing) recipients(ctx context.Context, c schedule.Coming) ([]recipientView, error) {
	if known, ok := h.moments[c.At]; ok {
		return known[c.Type], nil
	}
	moment := []schedule.Coming{}
	for _, each := range h.f.coming {
		if each.At.Equal(c.At) {
			moment = append(moment, each)
		}
	}
	slices.SortFunc(moment, schedule.Coming.ByUrgency)
	views, err := h.moment(ctx, moment)
	h.moments[c.At] = views
	return views[c.Type], err
}

// moment decides about all that is due at one instant, the most urgent first, and merges it.
func (h *hearing) moment(ctx context.Context, all []schedule.Coming) (map[string][]recipientView, error) {
	decided := make([][]routing.Decision, len(all))
	deliveries := make([][]models.Delivery, len(all))
	for i, each := range all {
		in, err := h.input(ctx, each.Type)
		if err != nil {
			return nil, err
		}
		if !in.Type.Enabled { // of it nobody hears
			continue
		}
		in.Now = each.At
		decided[i] = append([]routing.Decision{{Channel: models.ChannelInbox, Locked: true}}, routing.Route(in)...)
		for _, d := range decided[i] {
			deliveries[i] = append(deliveries[i], toCome(each.Type, d))
		}
	}
	models.Merge(deliveries)
	h.mergeInboxes(all, decided, deliveries)
	views := map[string][]recipientView{}
	for i, each := range all {
		views[each.Type] = []recipientView{}
		for j, d := range decided[i] {
			views[each.Type] = append(views[each.Type], viewRecipient(d, deliveries[i][j]))
		}
	}
	return views, nil
}

// toCome is the delivery that the decision leads to; it is known by its message type.
func toCome(key string, d routing.Decision) models.Delivery {
	row := models.Delivery{
		ID: key, Channel: d.Channel, BotID: d.BotID, AddressKey: d.AddressKey, Locked: d.Locked, State: models.DeliveryPending,
	}
	switch {
	case d.Reason != "":
		row.State = models.DeliverySuppressed
	case d.Channel == models.ChannelInbox:
		row.State = models.DeliveryDelivered
	case !d.HoldUntil.IsZero():
		row.Reason = models.ReasonQuietHours
	}
	return row
}

// mergeInboxes makes one message of those for one inbox; that of the account has several if
// the account wants one for each resource.
func (h *hearing) mergeInboxes(all []schedule.Coming, decided [][]routing.Decision, deliveries [][]models.Delivery) {
	first := map[string]string{}
	for i, each := range all {
		for j, d := range decided[i] {
			apart := d.UserID == "" && h.f.account.InboxPerResource
			if deliveries[i][j].State != models.DeliveryDelivered || apart {
				continue
			}
			if first[d.UserID] == "" {
				first[d.UserID] = each.Type
			}
			if first[d.UserID] != each.Type {
				deliveries[i][j].MergedInto = first[d.UserID]
			}
		}
	}
}

func viewRecipient(d routing.Decision, row models.Delivery) recipientView {
	v := recipientView{
		Channel: d.Channel, Recipient: d.Recipient, ContactID: d.ContactID, BotID: d.BotID, Address: models.Masked(d.AddressKey),
		Locked: d.Locked, Reason: d.Reason, MergedInto: row.MergedInto,
	}
	if !d.HoldUntil.IsZero() && row.MergedInto == "" {
		v.HeldUntil = &d.HoldUntil
	}
	return v
}

// input is what routing a notification of the type depends on, as things stand now.
func (h *hearing) input(ctx context.Context, key string) (routing.Input, error) {
	if in, known := h.inputs[key]; known {
		return in, nil
	}
	kind, err := h.s.Store.CurrentMessageType(ctx, key)
	if models.CodeOf(err) == models.CodeNotFound {
		return routing.Input{}, nil
	}
	if err != nil {
		return routing.Input{}, err
	}
	in := routing.Input{Type: kind, Severity: kind.Severity}
	in.Targets, err = h.s.Store.NotificationTargets(ctx, h.f.account.ID, key)
	h.inputs[key] = in
	return in, err
}
