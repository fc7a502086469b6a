package reminders

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// rungState is how a rung of a resource's ladder stands.
type rungState string

const (
	rungSent    rungState = "sent"     // a notification says so
	rungNext    rungState = "next"     // the first one to come
	rungPlanned rungState = "planned"  // comes after that
	rungWillNot rungState = "will_not" // over without a message, or not any more
)

// rungView is a rung of the ladder and how it stands.
type rungView struct {
	Rung     string    `json:"rung" doc:"\"expiry-30d\", \"expired\", \"release-3d\", \"released\" and the like."`
	Type     string    `json:"type" doc:"The message type that tells of it."`
	Deadline time.Time `json:"deadline" doc:"The expiry or release that it counts to."`
	At       time.Time `json:"at" doc:"When it is due."`
	State    rungState `json:"state" enum:"sent,next,planned,will_not" doc:"will_not: it is over without a message, or its product ended it."`
}

// readRungs shows the ladder of a resource, whose days are those of the account's zone.
func readRungs(ctx context.Context, c *operation.Call, r models.Resource, past []models.Reminder) ([]rungView, error) {
	account, err := c.Store.In(r.AccountID).Account().Read(ctx)
	if err != nil {
		return nil, err
	}
	return viewRungs(r, past, schedule.Zone(account.TimeZone), c.Store.Now()), nil
}

// viewRungs are all rungs of a resource in their order, also those that its state leaves
// out. past are the reminders that were dealt with.
func viewRungs(r models.Resource, past []models.Reminder, zone *time.Location, now time.Time) []rungView {
	reminded := map[string]bool{}
	for _, each := range past {
		reminded[rungKey(each.Rung, each.Deadline)] = each.NotificationID != ""
	}
	ending := schedule.EndingOf(r, zone)
	coming := comingRungs(ending.Rungs(), r.Reached, now)
	ending.State = models.ResourceActive
	views := []rungView{}
	for _, each := range ending.Rungs() {
		v := rungView{Rung: each.Name, Type: each.Type, Deadline: each.Deadline, At: each.At, State: rungWillNot}
		if state, comes := coming[each.Name]; comes {
			v.State = state
		}
		if reminded[rungKey(each.Name, each.Deadline)] {
			v.State = rungSent
		}
		views = append(views, v)
	}
	return views
}

func rungKey(name string, deadline time.Time) string {
	return name + " " + deadline.UTC().Format(time.RFC3339Nano)
}

// comingRungs are those that will be sent, by name: the one that is due, and later ones.
func comingRungs(rungs []schedule.Rung, reached int64, now time.Time) map[string]rungState {
	coming := map[string]rungState{}
	step := schedule.StepAt(rungs, reached, now)
	first := step.Due
	if first == nil {
		first = step.Next
	}
	for _, each := range rungs {
		switch {
		case first == nil || each.Rank < first.Rank:
		case each.Rank == first.Rank:
			coming[each.Name] = rungNext
		default:
			coming[each.Name] = rungPlanned
		}
	}
	return coming
}
