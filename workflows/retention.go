package workflows

import (
	"context"
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// RetentionInput is where an execution goes on; the zero value begins.
type RetentionInput struct {
	Kind  models.RetentionKind `json:"kind,omitempty"`
	After string               `json:"after,omitempty"`
}

// retainsEntities is the change that made retention go through invitations and
// resources, too.
const retainsEntities = "retains-subjects"

// knows reports whether the execution goes through the kind: one that began before
// retainsEntities does not know them all.
func knows(ctx workflow.Context, kind models.RetentionKind) bool {
	if kind != models.RetainInvitations && kind != models.RetainResources {
		return true
	}
	return workflow.GetVersion(ctx, retainsEntities, workflow.DefaultVersion, 1) > workflow.DefaultVersion
}

// Retention deletes what the policy no longer keeps, kind by kind. A schedule starts
// it; what one run leaves, the next one finds.
func (w *Workflows) Retention(ctx workflow.Context, in RetentionInput) error {
	var a *activities.Activities
	begun := in.Kind == ""
	steps := 0
	for _, kind := range models.RetentionKinds() {
		if begun = begun || kind == in.Kind; !begun || !knows(ctx, kind) {
			continue
		}
		at := activities.RetainInput{Kind: kind}
		if kind == in.Kind {
			at.After = in.After
		}
		for {
			var r activities.RetainResult
			if err := workflow.ExecuteActivity(w.policies.housework(ctx), a.Retain, at).Get(ctx, &r); err != nil {
				return err
			}
			if r.Done {
				break
			}
			at.After = r.After
			if steps++; steps >= maxSteps || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
				return workflow.NewContinueAsNewError(ctx, NameRetention, RetentionInput(at))
			}
		}
	}
	return nil
}

// retentionID names the schedule and the workflows that it starts: one of each for
// every task queue of a namespace.
func (c *Client) retentionID() string { return "retention/" + c.cfg.TaskQueue }

// KeepSchedules makes the schedule of retention where it is missing; when is a cron
// expression in UTC. A run that is still going on when the next one is due skips that.
func (c *Client) KeepSchedules(ctx context.Context, when string) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	_, err := c.temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: c.retentionID(), Spec: spec(when), Action: c.retain(), Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		Note: "Belfry deletes what is over; see docs/operations.md.",
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil
	}
	return wrapID("schedule", c.retentionID(), err)
}

// UpdateSchedules brings the schedule to what this release and its settings say.
// Whether somebody paused it stays as it is. A schedule that is missing is an error.
func (c *Client) UpdateSchedules(ctx context.Context, when string) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	update := func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
		s := in.Description.Schedule
		now := spec(when)
		s.Spec, s.Action = &now, c.retain()
		return &client.ScheduleUpdate{Schedule: &s}, nil
	}
	err := c.temporal.ScheduleClient().GetHandle(ctx, c.retentionID()).Update(ctx, client.ScheduleUpdateOptions{DoUpdate: update})
	return wrapID("update schedule of", c.retentionID(), err)
}

func spec(when string) client.ScheduleSpec {
	return client.ScheduleSpec{CronExpressions: []string{when}}
}

func (c *Client) retain() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: c.retentionID(), Workflow: NameRetention, Args: []any{RetentionInput{}}, TaskQueue: c.cfg.TaskQueue,
	}
}
