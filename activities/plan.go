package activities

import (
	"context"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

// NotificationRef names the notification that a workflow is about.
type NotificationRef struct {
	AccountID      models.AccountID `json:"account_id"`
	NotificationID string           `json:"notification_id"`
}

// Standing is where a notification stands: ids and times only.
type Standing struct {
	Status models.NotificationStatus `json:"status"`
	// DueAt is when it must be looked at again, to be planned mostly; zero when nobody
	// knows. Wait is how long that is from now.
	DueAt time.Time     `json:"due_at,omitzero"`
	Wait  time.Duration `json:"wait,omitzero"`
	// Open are the deliveries that are not final: oldest first, at most 500.
	Open []OpenDelivery `json:"open,omitempty"`
}

// OpenDelivery is a delivery that a workflow must bring to its end.
type OpenDelivery struct {
	ID string `json:"id"`
	// NextAt is when to try it; zero means now. Wait is how long that is from now.
	NextAt time.Time     `json:"next_at,omitzero"`
	Wait   time.Duration `json:"wait,omitzero"`
	// Quick says that the next attempt is the first and may be a local activity:
	// running that again after a crash finds its row, and calls nobody twice.
	Quick bool `json:"quick,omitempty"`
}

// Plan chooses whom the notification reaches and writes the deliveries, once it
// is due; before and after that it only tells where the notification stands.
// Running it again does no harm.
func (a *Activities) Plan(ctx context.Context, ref NotificationRef) (s Standing, err error) {
	defer a.catch("plan notification", ref.NotificationID, &err)
	n, err := a.Store.OpenNotification(ctx, ref.AccountID, ref.NotificationID)
	switch {
	case err != nil:
		return Standing{}, a.fault("open notification", ref.NotificationID, err)
	case n.Status.Final():
		return Standing{Status: n.Status}, nil
	case n.PlannedAt != nil || n.CancelledAt != nil:
		p, err := a.Store.SettleNotification(ctx, ref.AccountID, ref.NotificationID)
		return a.standing(n, p), a.fault("settle notification", n.ID, err)
	case n.ScheduleAt != nil && n.ScheduleAt.After(a.now()):
		return Standing{Status: n.Status, DueAt: *n.ScheduleAt, Wait: n.ScheduleAt.Sub(a.now())}, nil
	}
	plans, err := a.plans(ctx, n)
	if err != nil {
		return Standing{}, a.fault("plan notification", n.ID, err)
	}
	p, err := a.Store.PlanNotification(ctx, n.AccountID, n.ID, plans...)
	if err == nil {
		a.count(plans)
	}
	return a.standing(n, p), a.fault("store plan", n.ID, err)
}

// count counts the deliveries that planning itself ended: those into inboxes, and
// those that are recorded as a no.
func (a *Activities) count(plans []models.Plan) {
	for _, plan := range plans {
		for _, d := range plan.Deliveries {
			if d.State.Final() {
				a.Meter.Ended(plan.Notification, d, a.now())
			}
		}
	}
}

// plans decides about the notification, and about those that it is merged with.
func (a *Activities) plans(ctx context.Context, n models.Notification) ([]models.Plan, error) {
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

// standing counts what ended, and says what is open. What is in an envelope is looked at when
// that is at its end, or its own time is over.
func (a *Activities) standing(n models.Notification, p models.Progress) Standing {
	for _, d := range p.Ended {
		a.Meter.Ended(n, d, a.now())
	}
	s := Standing{Status: p.Status}
	for _, d := range p.Pending {
		s.Open = append(s.Open, a.openDelivery(d))
	}
	if len(s.Open) == 0 && !s.Status.Final() {
		s.DueAt, s.Wait = a.ahead(n.ExpiresAt)
	}
	return s
}

func (a *Activities) openDelivery(d models.Delivery) OpenDelivery {
	open := OpenDelivery{ID: d.ID, Quick: d.Attempts == 0}
	if d.NextAttemptAt != nil {
		open.NextAt, open.Wait = a.ahead(*d.NextAttemptAt)
	}
	return open
}

// ahead returns the instant and how long it is from now. What is over is left
// out: the workflow's clock lags a little behind, and waiting for milliseconds
// takes a timer and a second.
func (a *Activities) ahead(at time.Time) (time.Time, time.Duration) {
	left := at.Sub(a.now())
	if left <= 0 {
		return time.Time{}, 0
	}
	return at, left
}

// repeatable reports whether no adapter of the channel minds a repetition.
func repeatable(all []channels.Descriptor, channel models.Channel) bool {
	for _, d := range all {
		if d.Channel == channel && !d.Repeatable {
			return false
		}
	}
	return true
}

// decide routes the notification.
func (a *Activities) decide(ctx context.Context, n models.Notification) (*planner, error) {
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
	a *Activities
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
		Type: p.t, Severity: p.n.Severity, Now: p.a.now(), ExpiresAt: p.n.ExpiresAt, Brief: routing.Brief(p.t, p.n), Text: p.folded,
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
		text = p.a.inboxText(p.n, p.t, language)
		p.texts[language] = text
	}
	return text
}

func (p *planner) folded(language string) string {
	text := p.text(language)
	return models.SearchText(text.Title, text.Body)
}

// inboxText renders the inbox message. A template that cannot be rendered leaves
// the type's name as the title: an inbox gets everything.
func (a *Activities) inboxText(n models.Notification, t models.MessageType, locale string) models.Rendered {
	text, err := a.Renderer.Render(t, locale, catalog.Input{
		Variables: n.Variables, Link: n.Link, Severity: n.Severity,
	})
	if err != nil {
		a.Logger.Warn("cannot render inbox message", "notification_id", n.ID, "type", n.Type, "error", err)
		return models.Rendered{Locale: locale, Title: t.Names[locale]}
	}
	return text
}
