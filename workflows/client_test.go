package workflows_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/workflows"
)

// engine plays the part of the Temporal client that Client uses.
type engine struct {
	client.Client
	startErr, signalErr, describeErr error
	options                          client.StartWorkflowOptions
	input                            any
	signals                          []string
	owner                            models.AccountID
	status                           enums.WorkflowExecutionStatus
	starts                           atomic.Int64
	mu                               sync.Mutex
}

func (e *engine) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.options, e.input = o, args[0]
	e.starts.Add(1)
	return nil, e.startErr
}

func (e *engine) SignalWorkflow(_ context.Context, id, _, _ string, _ any) error {
	e.signals = append(e.signals, id)
	return e.signalErr
}

func (e *engine) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if e.describeErr != nil {
		return nil, e.describeErr
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(string(e.owner))
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
		Status: e.status, Memo: &common.Memo{Fields: map[string]*common.Payload{"account": payload}},
	}}, err
}

func notificationOf(account models.AccountID) models.Entity {
	return models.Entity{Kind: models.EntityNotification, AccountID: account, ID: "ntf_1"}
}

func TestStartingWhatRunsAlreadyIsSuccessForItsOwner(t *testing.T) {
	t.Parallel()
	e := &engine{startErr: &serviceerror.WorkflowExecutionAlreadyStarted{}, owner: "acc_1"}
	c := workflows.NewClient(e, workflows.ClientConfig{})
	require.NoError(t, c.Start(t.Context(), notificationOf("acc_1")))
	assert.Equal(t, "notification/ntf_1", e.options.ID)
	assert.Equal(t, workflows.TaskQueue, e.options.TaskQueue)
	require.Error(t, c.Start(t.Context(), notificationOf("acc_2")), "a workflow of another account must not be trusted")
	e.describeErr = errors.New("no connection")
	require.Error(t, c.Start(t.Context(), notificationOf("acc_1")))
}

func TestOnlyARunningWorkflowRuns(t *testing.T) {
	t.Parallel()
	e := &engine{}
	c := workflows.NewClient(e, workflows.ClientConfig{})
	for status, want := range map[enums.WorkflowExecutionStatus]bool{
		enums.WORKFLOW_EXECUTION_STATUS_RUNNING: true, enums.WORKFLOW_EXECUTION_STATUS_TERMINATED: false,
		enums.WORKFLOW_EXECUTION_STATUS_FAILED: false, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED: false,
	} {
		e.status = status
		runs, err := c.Runs(t.Context(), notificationOf("acc_1"))
		require.NoError(t, err)
		assert.Equal(t, want, runs, status.String())
	}
	e.describeErr = serviceerror.NewNotFound("")
	runs, err := c.Runs(t.Context(), notificationOf("acc_1"))
	require.NoError(t, err)
	assert.False(t, runs)
}

func TestWorkflowThatRunsIsSignalled(t *testing.T) {
	t.Parallel()
	e := &engine{status: enums.WORKFLOW_EXECUTION_STATUS_RUNNING}
	c := workflows.NewClient(e, workflows.ClientConfig{})
	one := models.Entity{Kind: models.EntityInvitation, AccountID: "acc_1", ID: "inv_1"}
	require.NoError(t, c.Wake(t.Context(), one))
	assert.Equal(t, []string{"invitation/inv_1"}, e.signals)
	assert.Zero(t, e.starts.Load())
	running, err := c.Runs(t.Context(), one)
	require.NoError(t, err)
	assert.True(t, running)
	e.signalErr = errors.New("no connection")
	require.Error(t, c.Wake(t.Context(), one), "it may not have heard of it")
	for _, guess := range []models.Entity{{Kind: "guess", ID: "inv_1"}, {Kind: models.EntityNotification, ID: "inv_1"}} {
		require.Error(t, c.Wake(t.Context(), guess))
		require.Error(t, c.Start(t.Context(), guess))
	}
}

func TestWorkflowThatDoesNotRunIsStarted(t *testing.T) {
	t.Parallel()
	e := &engine{signalErr: serviceerror.NewNotFound("")}
	c := workflows.NewClient(e, workflows.ClientConfig{Eager: true})
	one := models.Entity{Kind: models.EntityResource, AccountID: "acc_1", ID: "rsc_1"}
	require.NoError(t, c.Wake(t.Context(), one))
	assert.Equal(t, "resource/rsc_1", e.options.ID)
	assert.Equal(t, enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL, e.options.WorkflowIDConflictPolicy)
	assert.True(t, e.options.EnableEagerStart)
	assert.Empty(t, e.options.Memo, "it would stand in every row of the engine's, and nobody reads it")
	e.startErr = &serviceerror.WorkflowExecutionAlreadyStarted{}
	require.NoError(t, c.Wake(t.Context(), one), "who started it meanwhile started it with the row as it is")
	e.startErr = errors.New("no connection")
	require.Error(t, c.Wake(t.Context(), one))
}
