package activities

import (
	"context"
	"slices"
	"strings"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// partOf is the notification's part of a message that tells of several.
func partOf(n models.Notification, kind models.MessageType) catalog.Part {
	return catalog.Part{Type: kind, Input: catalog.Input{Variables: n.Variables, Link: n.Link, Severity: n.Severity}}
}

// linkOf is where a message of the parts leads: where all of them do, else to the list of
// the account's resources. Only reminders are merged.
func linkOf(parts []catalog.Part) string {
	for _, p := range parts {
		if p.Input.Link != parts[0].Input.Link {
			_, query, _ := strings.Cut(p.Input.Link, "?") // names the account
			return listPath + "?" + query
		}
	}
	return parts[0].Input.Link
}

// decideMerged decides about the notification and all that it is merged with, in the order of
// their urgency; those that were planned or ended are left out.
func (a *Activities) decideMerged(ctx context.Context, n models.Notification) ([]models.Plan, error) {
	var planners []*planner
	for _, id := range n.MergedWith {
		each, err := a.Store.OpenNotification(ctx, n.AccountID, id)
		if models.CodeOf(err) == models.CodeNotFound || err == nil && (each.PlannedAt != nil || each.CancelledAt != nil || each.Status.Final()) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p, err := a.decide(ctx, each)
		if err != nil {
			return nil, err
		}
		planners = append(planners, p)
	}
	mergeInboxes(planners)
	plans := make([]models.Plan, len(planners))
	for i, p := range planners {
		plans[i] = p.plan()
	}
	return plans, nil
}

// mergeInboxes makes one message of those for one inbox, in its first one's language.
func mergeInboxes(planners []*planner) {
	planned := make([]*routing.Planned, len(planners))
	for i, p := range planners {
		planned[i] = &p.planned
	}
	routing.MergeInboxes(planned, func(owner string, of []int) bool {
		all := make([]*planner, len(of))
		for i, each := range of {
			all[i] = planners[each]
		}
		return all[0].merge(owner, all)
	})
}

// merge has the owner's message tell of all. It reports false when the text cannot be made:
// then each has its own, as an inbox gets everything.
func (p *planner) merge(owner string, all []*planner) bool {
	parts := make([]catalog.Part, len(all))
	for i, each := range all {
		parts[i] = partOf(each.n, each.t)
	}
	parts[0].Input.Link = linkOf(parts)
	i := slices.IndexFunc(p.planned.Inboxes, func(inbox routing.Inbox) bool { return inbox.Owner == owner })
	m := models.MessageOf(p.n, owner, p.text(p.planned.Inboxes[i].Language))
	text, err := p.a.Renderer.RenderTogether(parts, m.Language)
	if err != nil {
		p.a.Logger.Warn("cannot render one inbox message for several notifications", "notification_id", p.n.ID, "error", err)
		return false
	}
	m.Title, m.Body, m.Link = text.Title, text.Body, parts[0].Input.Link
	p.merged[owner] = m
	return true
}

// mergedPart is a notification that the turn's message tells of, too.
type mergedPart struct {
	notification models.Notification
	kind         models.MessageType
	delivery     models.Delivery
}

// gather chooses those of the others in the envelope that may still be sent.
func (t *turn) gather(ctx context.Context) error {
	for _, each := range t.d.With {
		n := each.Notification
		kind, err := t.a.Store.MessageTypeVersion(ctx, n.Type, n.TypeVersion)
		if err != nil {
			return err
		}
		if n.CancelledAt != nil || !t.now.Before(n.ExpiresAt) || t.a.eligible(n, kind, each.Delivery, each.Recipient) != "" {
			continue
		}
		t.merged = append(t.merged, mergedPart{n, kind, each.Delivery})
	}
	return nil
}

// mergedIDs are the ids of the deliveries that the message tells of, too.
func (t *turn) mergedIDs() []string {
	ids := make([]string, len(t.merged))
	for i, each := range t.merged {
		ids[i] = each.delivery.ID
	}
	return ids
}

// composeMerged makes the message tell of the merged notifications, too.
func (t *turn) composeMerged(message channels.Message, own catalog.Input) (channels.Message, error) {
	parts := []catalog.Part{{Type: t.kind, Input: own}}
	for _, each := range t.merged {
		part := partOf(each.notification, each.kind)
		part.Input.Format, part.Input.Locked = own.Format, own.Locked
		parts = append(parts, part)
		message.Merged = append(message.Merged, mergedOf(each.notification))
	}
	parts[0].Input.Link = linkOf(parts)
	var err error
	message.Rendered, err = t.a.Renderer.RenderTogether(parts, t.d.Delivery.Language)
	return message, err
}
