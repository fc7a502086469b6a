package activities

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"belfry.dev/belfry/activities/remindertext"
	"belfry.dev/belfry/activities/work"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// maxMerged bounds the resources that one transaction reminds of; more that are due
// at one instant make further messages.
const maxMerged = 5000

// errOvertaken makes the engine repeat a step that others overtook all the time.
var errOvertaken = errors.New("resources changed while they were being reminded of")

// overtakenMost bounds how often a step decides anew because rows changed meanwhile.
const overtakenMost = 5

// Reminders is what the activities need of the database for reminders.
type Reminders interface {
	Resource(ctx context.Context, account models.AccountID, id string) (models.Resource, error)
	DueResources(ctx context.Context, account models.AccountID, limit int) (models.DueResources, error)
	Remind(ctx context.Context, account models.AccountID, r models.Reminding) (bool, error)
}

// StepResource reminds of the resource when that is due, together with all others of
// its account of which a reminder is due at this moment, and says when to look again.
func (a *Activities) StepResource(ctx context.Context, ref EntityRef) (s Step, err error) {
	defer a.work.Catch("remind of resource", ref.ID, &err)
	for range overtakenMost {
		r, err := a.store.Resource(ctx, ref.AccountID, ref.ID)
		switch {
		case models.CodeOf(err) == models.CodeNotFound:
			return Step{Done: true}, nil
		case err != nil:
			return Step{}, a.work.Fault("read resource", ref.ID, err)
		case r.NextAt == nil || r.NextAt.After(a.work.Now()):
			s := a.step(r.NextAt)
			s.Stage = strconv.FormatInt(r.ExpiresAt.Unix(), 36) + "/" + strconv.FormatInt(r.Reached, 36)
			return s, nil
		}
		if _, err := a.remindAll(ctx, ref.AccountID); err != nil {
			return Step{}, a.work.Fault("remind of resources", ref.ID, err)
		}
	}
	return Step{}, a.work.Fault("remind of resource", ref.ID, errOvertaken)
}

// remindAll deals with everything that is due in the account. It reports false when
// something changed meanwhile, and nothing was done.
func (a *Activities) remindAll(ctx context.Context, account models.AccountID) (bool, error) {
	due, err := a.store.DueResources(ctx, account, maxMerged)
	if err != nil || len(due.Resources) == 0 {
		return err == nil, err
	}
	r := &reminding{a: a, due: due, now: a.work.Now(), zone: schedule.Zone(due.Account.TimeZone), groups: map[string]*group{}}
	for _, each := range due.Resources {
		r.add(each)
	}
	if err := r.notify(ctx); err != nil {
		return false, err
	}
	return a.store.Remind(ctx, account, r.out)
}

// reminding decides what becomes of the resources of an account that are due.
type reminding struct {
	a    *Activities
	due  models.DueResources
	now  time.Time
	zone *time.Location
	out  models.Reminding
	// groups are the resources that one notification tells of, by message type; order is
	// that of their urgency once all are gathered.
	groups map[string]*group
	order  []string
}

// group is what one notification tells of, in the end sorted by soonest. urgency is the
// greatest rank of its rungs.
type group struct {
	items   []remindertext.Item
	urgency int64
}

// add decides for one resource: which rung is due, and when to look again.
func (r *reminding) add(resource models.Resource) {
	rungs := schedule.EndingOf(resource, r.zone).Rungs()
	rung := schedule.StepAt(rungs, resource.Reached, r.now)
	step := models.ReminderStep{Resource: resource, Acceptance: -1}
	next := &step.Resource
	next.NextAt = nil
	if rung.Next != nil {
		next.NextAt = &rung.Next.At
	}
	if rung.Due != nil {
		next.Reached = rung.Due.Rank
		if after, ok := models.ResourceLife().At(resource.State, models.EventRelease); ok && rung.Due.Name == schedule.RungReleased {
			next.State = after.To
		}
		reminder := models.Reminder{
			ResourceID: resource.ID, Deadline: rung.Due.Deadline, Rung: rung.Due.Name, DueAt: rung.Due.At,
		}
		if !r.due.Reminded[reminder.Key()] {
			step.Reminder = &reminder
			r.gather(resource, *rung.Due)
		}
	}
	r.out.Steps = append(r.out.Steps, step)
}

// gather puts the resource to the others that the same message tells of. A disabled
// account is told nothing.
func (r *reminding) gather(resource models.Resource, rung schedule.Rung) {
	if !r.due.Account.Enabled {
		return
	}
	g := r.groups[rung.Type]
	if g == nil {
		g = &group{urgency: schedule.Unreached}
		r.groups[rung.Type] = g
		r.order = append(r.order, rung.Type)
	}
	g.items = append(g.items, remindertext.Item{Resource: resource, Rung: rung, Step: len(r.out.Steps)})
	g.urgency = max(g.urgency, rung.Rank)
}

// notify makes the notification of each group, the most urgent first. A message type that
// operators disabled tells nothing.
func (r *reminding) notify(ctx context.Context) error {
	slices.SortFunc(r.order, func(a, b string) int {
		return schedule.ByUrgency(a, b, r.groups[a].urgency, r.groups[b].urgency)
	})
	var kinds []models.MessageType
	for _, key := range r.order {
		kind, err := r.a.store.CurrentMessageType(ctx, key)
		switch {
		case models.CodeOf(err) == models.CodeNotFound || err == nil && !kind.Enabled:
			r.a.work.Logger.Info("reminders are not sent: the message type is disabled", "type", key)
			continue
		case err != nil:
			return err
		}
		kinds = append(kinds, kind)
	}
	for _, kind := range kinds {
		g := r.groups[kind.Key]
		slices.SortFunc(g.items, remindertext.Soonest)
		notice, err := r.acceptance(kind, g.items)
		if err != nil {
			return err
		}
		for _, each := range g.items {
			r.out.Steps[each.Step].Acceptance = len(r.out.Acceptances)
		}
		r.out.Acceptances = append(r.out.Acceptances, notice)
	}
	return r.mergeInbox(kinds)
}

// mergeInbox makes one message of the account's inbox of all, unless the account wants one
// for each resource.
func (r *reminding) mergeInbox(kinds []models.MessageType) error {
	all := r.out.Acceptances
	if len(all) < 2 || r.due.Account.InboxPerResource {
		return nil
	}
	parts := make([]catalog.Part, len(all))
	for i, notice := range all {
		parts[i] = work.PartOf(notice.Notification, kinds[i])
		if i > 0 {
			all[i].Instead = []models.Message{}
		}
	}
	first := &all[0]
	first.Notification.Link = work.LinkOf(parts)
	var err error
	first.Inbox, err = r.a.work.Renderer.RenderTogether(parts, r.due.Account.Language)
	return err
}

// acceptance is the notification of the items of a group.
func (r *reminding) acceptance(kind models.MessageType, items []remindertext.Item) (models.Acceptance, error) {
	notice, err := r.about(kind, items)
	if err != nil {
		return notice, err
	}
	notice.Notification.ExternalID = r.out.Steps[items[0].Step].Reminder.Key()
	if len(items) == 1 || !r.due.Account.InboxPerResource {
		return notice, nil
	}
	for i := range items {
		each, err := r.about(kind, items[i:i+1])
		if err != nil {
			return notice, err
		}
		notice.Instead = append(notice.Instead, models.MessageOf(each.Notification, "", each.Inbox))
	}
	return notice, nil
}

// about is a notification of the items, which are of one message type.
func (r *reminding) about(kind models.MessageType, items []remindertext.Item) (models.Acceptance, error) {
	notice, err := r.a.work.NoticeOf(kind, r.due.Account.ID, r.due.Account.Language, remindertext.Text{Products: r.due.Products, Zone: r.zone, Now: r.now}.Variables(items))
	n, first := &notice.Notification, items[0].Resource
	n.Source, n.SubjectID, n.Link = models.SourceReminder, first.ID, work.ListPath
	if len(items) == 1 {
		n.Link += "/" + first.ID
	}
	n.Link += "?account=" + r.due.Account.Alias
	return notice, err
}
