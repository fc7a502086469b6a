package workflows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// TaskQueue is the queue that workers listen to unless configured otherwise.
const TaskQueue = "belfry"

// memoAccount says in the memo of a notification's workflow whose it is.
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

// workflowID is the id of the entity's workflow: "invitation/<id>".
func workflowID(e models.Entity) string { return string(e.Kind) + "/" + e.ID }

// inputOf is what the entity's workflow gets; planned is nil but for notifications that were
// planned just now. Histories hold it under these names.
func inputOf(e models.Entity, planned *activities.Progress) any {
	if e.Kind == models.EntityNotification {
		return NotificationInput{AccountID: e.AccountID, NotificationID: e.ID, Planned: planned}
	}
	return EntityInput{AccountID: e.AccountID, ID: e.ID}
}

// typeOf is the registry's row. Another kind, or an id of another kind, is a programming
// error: its workflow would find nothing to look after.
func typeOf(e models.Entity) (models.EntityType, error) {
	t, known := e.Kind.Type()
	if !known || !strings.HasPrefix(e.ID, string(t.IDs)+"_") {
		return t, fmt.Errorf("no workflow looks after %s", workflowID(e))
	}
	return t, nil
}

// Start starts the entity's workflow. That it runs already is success; that it ran before
// is no obstacle, because the database says what is left to do. A notification's
// workflow that belongs to another account is an error.
func (c *Client) Start(ctx context.Context, e models.Entity) error { return c.start(ctx, e, nil) }

func (c *Client) start(ctx context.Context, e models.Entity, planned *activities.Progress) error {
	t, err := typeOf(e)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	_, err = c.temporal.ExecuteWorkflow(ctx, c.options(e), t.Workflow, inputOf(e, planned))
	if alreadyRuns(err) {
		return c.compare(ctx, e)
	}
	return wrap("start", e, err)
}

func alreadyRuns(err error) bool {
	_, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
	return running
}

func (c *Client) options(e models.Entity) client.StartWorkflowOptions {
	o := client.StartWorkflowOptions{
		ID: workflowID(e), TaskQueue: c.cfg.TaskQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		EnableEagerStart:                         c.cfg.Eager,
	}
	if e.Kind == models.EntityNotification { // in the others' rows, of which the engine keeps many for long, nobody reads it
		o.Memo = map[string]any{memoAccount: string(e.AccountID)}
	}
	if c.cfg.SearchAttributes {
		o.TypedSearchAttributes = temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword("BelfryAccount").ValueSet(string(e.AccountID)))
	}
	return o
}

// compare makes sure that the running workflow of a notification is the account's. That
// of another entity was started by whoever was faster, with the row as it is.
func (c *Client) compare(ctx context.Context, e models.Entity) error {
	if e.Kind != models.EntityNotification {
		return nil
	}
	answer, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID(e), "")
	if err != nil {
		return wrap("describe", e, err)
	}
	var owner string
	payload := answer.GetWorkflowExecutionInfo().GetMemo().GetFields()[memoAccount]
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &owner); err != nil || owner != string(e.AccountID) {
		return fmt.Errorf("the workflow of %s is not this account's", workflowID(e))
	}
	return nil
}

// Wake makes the entity's workflow look at its row, and starts it when it does not run:
// its first step looks at the row, so that no signal comes with it, which would be kept
// and answered by another look. Calling it again does no harm.
func (c *Client) Wake(ctx context.Context, e models.Entity) error {
	if _, err := typeOf(e); err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	if err := c.temporal.SignalWorkflow(call, workflowID(e), "", signalWake, nil); !missing(err) {
		return wrap("wake", e, err)
	}
	return c.Start(ctx, e)
}

// Runs reports whether the entity's workflow runs.
func (c *Client) Runs(ctx context.Context, e models.Entity) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	answer, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID(e), "")
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, wrap("describe", e, err)
	}
	return answer.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

func missing(err error) bool {
	_, ok := errors.AsType[*serviceerror.NotFound](err)
	return ok
}

func wrap(what string, e models.Entity, err error) error {
	return wrapID(what, workflowID(e), err)
}

func wrapID(what, workflow string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s workflow %s: %w", what, workflow, err)
}
