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

// recipientForecast finds out whom a forecast's messages will go to.
type recipientForecast struct {
	s *operation.Core
	f forecast
	// inputs are by message type, moments by instant and then by message type.
	inputs  map[string]routing.Input
	moments map[time.Time]map[string][]recipientView
}

// recipients are whom the message will go to, and why not.
func (h *recipientForecast) recipients(ctx context.Context, c schedule.Coming) ([]recipientView, error) {
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
func (h *recipientForecast) moment(ctx context.Context, all []schedule.Coming) (map[string][]recipientView, error) {
	planned := make([]*routing.Planned, len(all))
	for i, each := range all {
		planned[i] = &routing.Planned{}
		in, err := h.input(ctx, each.Type)
		if err != nil {
			return nil, err
		}
		if !in.Type.Enabled { // of it nobody hears
			continue
		}
		in.Now = each.At
		*planned[i] = routing.Plan(in)
	}
	h.merge(all, planned)
	views := map[string][]recipientView{}
	for i, each := range all {
		views[each.Type] = []recipientView{}
		for _, d := range planned[i].Deliveries {
			views[each.Type] = append(views[each.Type], viewRecipient(d))
		}
	}
	return views, nil
}

// merge makes one message of those for one recipient; the account's inbox has several if the
// account wants one for each resource. A delivery is known by its message type.
func (h *recipientForecast) merge(all []schedule.Coming, planned []*routing.Planned) {
	deliveries := make([][]models.Delivery, len(planned))
	for i, p := range planned {
		for j := range p.Deliveries {
			p.Deliveries[j].ID = all[i].Type
		}
		deliveries[i] = p.Deliveries
	}
	models.Gather(deliveries)
	routing.MergeInboxes(planned, func(owner string, of []int) bool {
		if owner == "" && h.f.account.InboxPerResource {
			return false
		}
		for _, i := range of[1:] {
			for _, inbox := range planned[i].Inboxes {
				if inbox.Owner == owner {
					carriedBy(planned[i].Deliveries, inbox.Slot, all[of[0]].Type)
				}
			}
		}
		return true
	})
}

func carriedBy(deliveries []models.Delivery, slot, carrier string) {
	for i := range deliveries {
		if deliveries[i].Slot == slot {
			deliveries[i].EnvelopeID = carrier
		}
	}
}

func viewRecipient(d models.Delivery) recipientView {
	v := recipientView{
		Channel: d.Channel, Recipient: d.Recipient, ContactID: d.ContactID, BotID: d.BotID, Address: models.Masked(d.AddressKey),
		Locked: d.Locked, MergedInto: d.EnvelopeID, HeldUntil: d.NextAttemptAt,
	}
	if d.State == models.DeliverySuppressed {
		v.Reason = d.Reason
	}
	return v
}

// input is what routing a notification of the type depends on, as things stand now.
func (h *recipientForecast) input(ctx context.Context, key string) (routing.Input, error) {
	if in, known := h.inputs[key]; known {
		return in, nil
	}
	kind, err := h.s.Store.Catalogue().CurrentMessageType(ctx, key)
	if models.CodeOf(err) == models.CodeNotFound {
		return routing.Input{}, nil
	}
	if err != nil {
		return routing.Input{}, err
	}
	in := routing.Input{Type: kind, Severity: kind.Severity}
	in.Targets, err = h.s.Store.Deliveries().NotificationTargets(ctx, h.f.account.ID, key)
	h.inputs[key] = in
	return in, err
}
