package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

func retentionEnvironment() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	return suite.NewTestWorkflowEnvironment()
}

func TestRetentionDeletesWhatIsOverOfEveryKind(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	w.SetClock(func() time.Time { return time.Now().UTC() }) // ids and times must agree
	n := w.Accept(nil)
	_, err := w.Activities(world.Config()).Plan(t.Context(), activities.NotificationRef{AccountID: w.Account, NotificationID: n.ID})
	require.NoError(t, err)
	require.Equal(t, 1, w.Announcements().Arrived(w.Account))
	w.Advance(366 * 24 * time.Hour)
	env := retentionEnvironment()
	worker.Register(env, workflows.Policies{}, w.Activities(world.Config()))
	env.ExecuteWorkflow(workflows.NameRetention, workflows.RetentionInput{})
	require.NoError(t, env.GetWorkflowError())
	assert.Zero(t, w.Announcements().Arrived(w.Account))
	_, err = w.Store.In(w.Account).Notifications().Report(t.Context(), n.ID)
	assert.Equal(t, models.CodeNotFound, models.CodeOf(err))
	_, _, err = w.Store.In(w.Account).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
}

// steps plays Retain: so many steps of every kind.
type steps struct {
	of    int
	calls []activities.RetainInput
}

func (s *steps) Retain(_ context.Context, in activities.RetainInput) (activities.RetainResult, error) {
	s.calls = append(s.calls, in)
	n := 0
	if in.After != "" {
		_, _ = fmt.Sscanf(in.After, "%d", &n) // ours
	}
	return activities.RetainResult{After: fmt.Sprint(n + 1), Done: n+1 == s.of}, nil
}

func TestRetentionGoesOnAsAnotherExecution(t *testing.T) {
	t.Parallel()
	s := &steps{of: 150}
	in, executions := workflows.RetentionInput{}, 0
	for {
		executions++
		require.Less(t, executions, 10, "it never ends")
		env := retentionEnvironment()
		env.RegisterWorkflowWithOptions(workflows.New(workflows.Policies{}).Retention, workflow.RegisterOptions{Name: workflows.NameRetention})
		env.RegisterActivityWithOptions(s.Retain, activity.RegisterOptions{Name: "Retain"})
		env.ExecuteWorkflow(workflows.NameRetention, in)
		again, goesOn := errors.AsType[*workflow.ContinueAsNewError](env.GetWorkflowError())
		if !goesOn {
			require.NoError(t, env.GetWorkflowError())
			break
		}
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
	}
	assert.Equal(t, 4, executions)
	require.Len(t, s.calls, 150*len(models.RetentionKinds()), "no step twice, none left out")
	for i, call := range s.calls {
		assert.Equal(t, models.RetentionKinds()[i/150], call.Kind)
	}
}

// clockwork plays the engine's schedules: at most one.
type clockwork struct {
	client.ScheduleClient
	client.ScheduleHandle
	there *client.Schedule
	err   error
}

func (c *clockwork) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	if c.err != nil {
		return nil, c.err
	}
	if c.there != nil {
		return nil, temporal.ErrScheduleAlreadyRunning
	}
	c.there = &client.Schedule{Action: o.Action, Spec: &o.Spec, Policy: &client.SchedulePolicies{Overlap: o.Overlap}, State: &client.ScheduleState{}}
	return c, nil
}

func (c *clockwork) GetHandle(context.Context, string) client.ScheduleHandle { return c }

func (c *clockwork) Update(_ context.Context, o client.ScheduleUpdateOptions) error {
	u, err := o.DoUpdate(client.ScheduleUpdateInput{Description: client.ScheduleDescription{Schedule: *c.there}})
	if err == nil {
		c.there = u.Schedule
	}
	return err
}

// scheduling is an engine with clockwork.
type scheduling struct {
	engine
	clockwork *clockwork
}

func (s *scheduling) ScheduleClient() client.ScheduleClient { return s.clockwork }

func TestTheScheduleOfRetentionIsMadeOnceAndKeptCurrent(t *testing.T) {
	t.Parallel()
	k := &clockwork{}
	c := workflows.NewClient(&scheduling{clockwork: k}, workflows.ClientConfig{TaskQueue: "q"})
	require.NoError(t, c.KeepSchedules(t.Context(), "17 3 * * *"))
	require.NoError(t, c.KeepSchedules(t.Context(), "0 4 * * *"), "another process was first")
	assert.Equal(t, []string{"17 3 * * *"}, k.there.Spec.CronExpressions)
	assert.Equal(t, enums.SCHEDULE_OVERLAP_POLICY_SKIP, k.there.Policy.Overlap)
	k.there.State.Paused = true
	require.NoError(t, c.UpdateSchedules(t.Context(), "0 4 * * *"))
	assert.Equal(t, []string{"0 4 * * *"}, k.there.Spec.CronExpressions)
	assert.True(t, k.there.State.Paused, "who paused it had a reason")
	action, ok := k.there.Action.(*client.ScheduleWorkflowAction)
	require.True(t, ok)
	assert.Equal(t, []any{"retention/q", workflows.NameRetention, "q"}, []any{action.ID, action.Workflow, action.TaskQueue})
	k.err = errors.New("no connection")
	require.Error(t, c.KeepSchedules(t.Context(), "17 3 * * *"))
}
