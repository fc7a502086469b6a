package workflows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"belfry.dev/belfry/models"
)

// TaskQueue is the queue that workers listen to unless configured otherwise.
const TaskQueue = "belfry"

// memoAccount says in a workflow's memo whose notification it is.
const memoAccount = "account"

// ClientConfig says how workflows are started. Zero values mean defaults.
type ClientConfig struct {
	// TaskQueue is TaskQueue unless set.
	TaskQueue string
	// CallTimeout bounds one call to the engine: 5 s.
	CallTimeout time.Duration
	// Eager starts workflows in this process when a worker shares its client; it
	// saves a round trip.
	Eager bool
	// SearchAttributes tags workflows with BelfryAccount; the attribute must be
	// registered with the engine.
	SearchAttributes bool
}

// Client starts workflows and sends them signals. It alone knows their ids,
// queues, signals and reuse policies.
type Client struct {
	temporal client.Client
	cfg      ClientConfig
}

// NewClient returns a client over a connection, which stays the caller's.
func NewClient(c client.Client, cfg ClientConfig) *Client {
	cfg.TaskQueue = cmp.Or(cfg.TaskQueue, TaskQueue)
	cfg.CallTimeout = cmp.Or(cfg.CallTimeout, 5*time.Second)
	return &Client{temporal: c, cfg: cfg}
}

// notificationID is the workflow's id.
func notificationID(id string) string { return "notification/" + id }

// StartNotification starts the notification's workflow. That it runs already is
// success; that it ran before is no obstacle, because the database tells it what
// is left to do. A workflow under this id that belongs to another account is an
// error.
func (c *Client) StartNotification(ctx context.Context, account models.AccountID, id string) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	in := NotificationInput{AccountID: account, NotificationID: id}
	_, err := c.temporal.ExecuteWorkflow(ctx, c.options(account, id), NameNotification, in)
	if alreadyRuns(err) {
		return c.compare(ctx, account, id)
	}
	return wrap("start", id, err)
}

func alreadyRuns(err error) bool {
	_, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
	return running
}

func (c *Client) options(account models.AccountID, id string) client.StartWorkflowOptions {
	return c.optionsOf(account, notificationID(id))
}

func (c *Client) optionsOf(account models.AccountID, workflow string) client.StartWorkflowOptions {
	o := client.StartWorkflowOptions{
		ID: workflow, TaskQueue: c.cfg.TaskQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		EnableEagerStart:                         c.cfg.Eager,
		Memo:                                     map[string]any{memoAccount: string(account)},
	}
	if c.cfg.SearchAttributes {
		o.TypedSearchAttributes = temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword("BelfryAccount").ValueSet(string(account)))
	}
	return o
}

// compare makes sure that the running workflow is the account's.
func (c *Client) compare(ctx context.Context, account models.AccountID, id string) error {
	answer, err := c.temporal.DescribeWorkflowExecution(ctx, notificationID(id), "")
	if err != nil {
		return wrap("describe", id, err)
	}
	var owner string
	payload := answer.GetWorkflowExecutionInfo().GetMemo().GetFields()[memoAccount]
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &owner); err != nil || owner != string(account) {
		return fmt.Errorf("the workflow of notification %s is not this account's", id)
	}
	return nil
}

// CancelNotification tells the workflow that the notification was cancelled. A
// workflow that does not run needs not be told.
func (c *Client) CancelNotification(ctx context.Context, _ models.AccountID, id string) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	err := c.temporal.SignalWorkflow(ctx, notificationID(id), "", signalCancel, nil)
	if missing(err) {
		return nil
	}
	return wrap("cancel", id, err)
}

// WakeNotification makes the workflow look at its deliveries, and starts it when
// it does not run.
func (c *Client) WakeNotification(ctx context.Context, account models.AccountID, id string) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	o := c.options(account, id)
	// Neither may be set together with a signal.
	o.EnableEagerStart, o.WorkflowIDConflictPolicy = false, enums.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED
	in := NotificationInput{AccountID: account, NotificationID: id}
	_, err := c.temporal.SignalWithStartWorkflow(ctx, o.ID, signalWake, nil, o, NameNotification, in)
	return wrap("wake", id, err)
}

// NotificationRuns reports whether the notification's workflow runs.
func (c *Client) NotificationRuns(ctx context.Context, id string) (bool, error) {
	return c.runs(ctx, notificationID(id))
}

func (c *Client) runs(ctx context.Context, id string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	answer, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, wrap("describe", id, err)
	}
	return answer.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

func missing(err error) bool {
	_, ok := errors.AsType[*serviceerror.NotFound](err)
	return ok
}

func wrap(what, id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s workflow of %s: %w", what, id, err)
}
