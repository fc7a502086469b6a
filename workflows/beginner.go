package workflows

import (
	"context"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// Planner plans a notification in this process.
type Planner interface {
	PlanBeforeStart(ctx context.Context, ref activities.NotificationRef) (activities.Progress, error)
}

// Beginner starts workflows as Client does, but plans notifications first: what is over then,
// because it went into inboxes only, say, needs no workflow.
type Beginner struct {
	*Client
	planner Planner
}

// NewBeginner returns a beginner over the client.
func NewBeginner(c *Client, p Planner) *Beginner { return &Beginner{Client: c, planner: p} }

// Start is Client.Start of what is not over. A notification that cannot be planned now gets
// its workflow, which goes on trying.
func (b *Beginner) Start(ctx context.Context, e models.Entity) error {
	if e.Kind != models.EntityNotification {
		return b.Client.Start(ctx, e)
	}
	s, err := b.plan(ctx, e)
	switch {
	case err != nil:
		return b.Client.Start(ctx, e)
	case s.Status.Final():
		return nil
	}
	return b.start(ctx, e, allDue(s))
}

func (b *Beginner) plan(ctx context.Context, e models.Entity) (activities.Progress, error) {
	ctx, cancel := context.WithTimeout(ctx, b.cfg.CallTimeout)
	defer cancel()
	return b.planner.PlanBeforeStart(ctx, activities.NotificationRef{AccountID: e.AccountID, NotificationID: e.ID})
}

// maxPlanned bounds the deliveries that an input names: about 8 kB of history.
const maxPlanned = 100

// allDue returns where a notification stands if a workflow may begin with it: what is open is
// due, so that its attempts come next, and these see all that was changed since. Else nil: who
// waits must have looked after it could be signalled.
func allDue(s activities.Progress) *activities.Progress {
	if len(s.Open) == 0 || len(s.Open) > maxPlanned {
		return nil
	}
	for _, d := range s.Open {
		if !d.NextAt.IsZero() {
			return nil
		}
	}
	return &s
}
