// Package planning decides whom a notification reaches: it reads what routing depends on, and
// turns what routing decided into rows.
package planning

import (
	"context"

	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// Store is what planning needs of the database.
type Store interface {
	OpenNotification(ctx context.Context, account models.AccountID, id string) (models.Notification, error)
	MessageTypeVersion(ctx context.Context, key string, version int64) (models.MessageType, error)
	NotificationTargets(ctx context.Context, account models.AccountID, typeKey string) (models.Targets, error)
	QuotasUsed(ctx context.Context, account models.AccountID, keys []string) (map[string]int, error)
	OpenInvitation(ctx context.Context, account models.AccountID, id string) (models.Invitation, error)
	InvitationTarget(ctx context.Context, i models.Invitation) (models.Contact, models.Address, error)
}

// Planning decides.
type Planning struct {
	*work.Work
	Store Store
}

// Plans decides about the notification, and about those that it is merged with.
func (a *Planning) Plans(ctx context.Context, n models.Notification) ([]models.Plan, error) {
	switch {
	case n.Source.Manner().OneAddress:
		plan, err := a.decideInvitation(ctx, n)
		return []models.Plan{plan}, err
	case len(n.MergedWith) > 0:
		return a.decideMerged(ctx, n)
	}
	p, err := a.decide(ctx, n)
	if err != nil {
		return nil, err
	}
	return []models.Plan{p.plan()}, nil
}

// decide routes the notification.
func (a *Planning) decide(ctx context.Context, n models.Notification) (*planner, error) {
	t, err := a.Store.MessageTypeVersion(ctx, n.Type, n.TypeVersion)
	if err != nil {
		return nil, err
	}
	p := &planner{a: a, n: n, t: t, texts: map[string]models.Rendered{}, merged: map[string]models.Message{}}
	in, err := p.input(ctx)
	if err != nil {
		return nil, err
	}
	p.planned = routing.Plan(in)
	return p, nil
}

// planner turns what routing decided into rows.
type planner struct {
	a *Planning
	n models.Notification
	t models.MessageType
	// texts are the inbox messages by language; merged are those that tell of other
	// notifications, too, by their owner.
	texts   map[string]models.Rendered
	merged  map[string]models.Message
	planned routing.Planned
}

// input reads what routing depends on.
func (p *planner) input(ctx context.Context) (routing.Input, error) {
	in := routing.Input{
		Type: p.t, Severity: p.n.Severity, Now: p.a.Now(), ExpiresAt: p.n.ExpiresAt, Brief: routing.Brief(p.t, p.n), Text: p.folded,
		InboxWritten: p.n.Status != models.StatusScheduled, // else acceptance left it to us
	}
	var err error
	if in.Targets, err = p.a.Store.NotificationTargets(ctx, p.n.AccountID, p.n.Type); err != nil {
		return in, err
	}
	in.Language = p.n.Language // as it was accepted
	if keys := in.QuotaKeys(); len(keys) > 0 {
		in.Used, err = p.a.Store.QuotasUsed(ctx, p.n.AccountID, keys)
	}
	return in, err
}

// plan renders what goes into inboxes.
func (p *planner) plan() models.Plan {
	plan := models.Plan{
		Notification: p.n, Deliveries: p.planned.Deliveries, Quotas: p.planned.Limits, Digests: p.planned.Digests,
		ExpiresAt: routing.Expiry(p.t, p.n, p.planned.HeldUntil),
	}
	for _, inbox := range p.planned.Inboxes {
		m, merged := p.merged[inbox.Owner]
		if !merged {
			m = models.MessageOf(p.n, inbox.Owner, p.text(inbox.Language))
		}
		plan.Messages = append(plan.Messages, m)
	}
	return plan
}

// text is the inbox message in the language, rendered once.
func (p *planner) text(language string) models.Rendered {
	text, known := p.texts[language]
	if !known {
		text = p.a.InboxText(p.n, p.t, language)
		p.texts[language] = text
	}
	return text
}

func (p *planner) folded(language string) string {
	text := p.text(language)
	return models.SearchText(text.Title, text.Body)
}
