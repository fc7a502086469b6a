package planning

import (
	"context"
	"slices"

	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// decideMerged decides about the notification and all that it is merged with, in the order of
// their urgency; those that were planned or ended are left out.
func (a *Planning) decideMerged(ctx context.Context, n models.Notification) ([]models.Plan, error) {
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
		parts[i] = work.PartOf(each.n, each.t)
	}
	parts[0].Input.Link = work.LinkOf(parts)
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
