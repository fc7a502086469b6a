package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/workflows"
)

// begin begins the notification as a dispatcher does, and returns what its workflow was
// started with; nil when it got none.
func (s *stage) begin() *workflows.NotificationInput {
	s.t.Helper()
	e := &engine{}
	b := workflows.NewBeginner(workflows.NewClient(e, workflows.ClientConfig{}), s.Activities(s.cfg))
	require.NoError(s.t, b.Start(s.t.Context(), models.Entity{Kind: models.EntityNotification, AccountID: s.Account, ID: s.id}))
	if e.starts.Load() == 0 {
		return nil
	}
	in := e.input.(workflows.NotificationInput)
	return &in
}

// starts is how many starts of notifications wait in the outbox.
func (s *stage) starts() (n int) {
	s.t.Helper()
	s.Advance(time.Minute)
	rows, err := s.Store.Wakeups().ClaimWakeups(s.t.Context(), time.Second, 100)
	require.NoError(s.t, err)
	for _, row := range rows {
		if row.Call == models.CallStart {
			n++
		}
	}
	return n
}

func TestWhatIsOverWhenItIsPlannedGetsNoWorkflow(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.accept(nil)
	assert.Nil(t, s.begin())
	assert.Equal(t, models.StatusDelivered, s.Report(s.id).Notification.Status)
	assert.Zero(t, s.starts(), "nobody looks at it again")
	assert.Nil(t, s.begin(), "nor when it is begun twice")
}

func TestWorkflowBeginsWithWhatWasPlanned(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.accept(nil)
	in := s.begin()
	require.NotNil(t, in)
	require.NotNil(t, in.Planned)
	assert.Len(t, in.Planned.Open, 3)
	assert.Equal(t, 1, s.starts(), "until the workflow was started, somebody must see to it")

	s.open()
	var steps []string
	s.env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, _ []any) {
		steps = append(steps, info.ActivityType.Name)
	})
	s.env.ExecuteWorkflow("Notification", *in)
	require.NoError(t, s.env.GetWorkflowError())
	require.GreaterOrEqual(t, len(steps), 3)
	assert.NotContains(t, steps[:3], "Plan", "it begins with the attempts")
	assert.Equal(t, models.StatusDelivered, s.Report(s.id).Notification.Status)
	assert.Len(t, s.Sink.Calls(""), 3)
}

// What was cancelled between the plan and the start is not sent: nobody could signal the
// workflow yet.
func TestWorkflowThatBeginsWithAnOldPlanSeesTheCancellation(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.accept(nil)
	in := s.begin()
	require.NotNil(t, in.Planned)
	s.Cancel(s.id)
	s.open()
	s.env.ExecuteWorkflow("Notification", *in)
	require.NoError(t, s.env.GetWorkflowError())
	assert.Equal(t, models.StatusCancelled, s.Report(s.id).Notification.Status)
	assert.Empty(t, s.Sink.Calls(models.ChannelWebhook))
}

func TestWhoeverWaitsLooksAfterItsStart(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*stage){
		"scheduled": func(s *stage) {
			due := s.Now().Add(time.Hour)
			s.accept(func(n *models.Notification) { n.ScheduleAt = &due })
		},
		"held": func(s *stage) {
			quiet(s.World, "00:00", "23:59")
			s.warned()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, everywhere)
			prepare(s)
			in := s.begin()
			require.NotNil(t, in)
			assert.Nil(t, in.Planned)
		})
	}
}

// refuser cannot plan.
type refuser struct{}

func (refuser) PlanBeforeStart(context.Context, activities.NotificationRef) (activities.Progress, error) {
	return activities.Progress{}, errors.New("the database is away")
}

func TestWhatCannotBePlannedNowGetsAWorkflow(t *testing.T) {
	t.Parallel()
	e := &engine{}
	b := workflows.NewBeginner(workflows.NewClient(e, workflows.ClientConfig{}), refuser{})
	require.NoError(t, b.Start(t.Context(), notificationOf("acc_1")))
	assert.Nil(t, e.input.(workflows.NotificationInput).Planned)
	e.startErr = serviceerror.NewUnavailable("")
	require.Error(t, b.Start(t.Context(), notificationOf("acc_1")), "somebody must see to it again")
	e.startErr = nil
	require.NoError(t, b.Start(t.Context(), models.Entity{Kind: models.EntityInvitation, AccountID: "acc_1", ID: "inv_1"}))
	assert.Equal(t, workflows.EntityInput{AccountID: "acc_1", ID: "inv_1"}, e.input)
}

var _ workflows.Planner = (*activities.Activities)(nil)
