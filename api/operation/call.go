package operation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/caller"
	"belfry.dev/belfry/api/front"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Call is one request to an operation: who calls, and from where. It belongs to one
// goroutine.
type Call struct {
	// Actor is who calls; zero for public operations, see ActAs.
	Actor  models.Actor
	Origin models.Origin

	*Core
	op     *Operation
	gin    *gin.Context
	body   *wire.Value    // nil without a body
	key    string         // the Idempotency-Key; "" for none
	failed *front.Failure // what the caller will be told; nil while all is well
}

// Account is the account that the actor belongs to.
func (c *Call) Account() models.AccountID { return c.Actor.Account }

// Action is the constant of the operation: "bot.create".
func (c *Call) Action() string { return c.op.Action }

// Body is the body as it was sent; nil without one.
func (c *Call) Body() *wire.Value { return c.body }

// ActAs names who acts in a public operation, once that is proven or at least
// claimed, so that the operation log can say it.
func (c *Call) ActAs(actor models.Actor) { c.Actor = actor }

// Path returns a parameter of the path.
func (c *Call) Path(name string) string { return c.gin.Param(name) }

// Cookie returns the value of a cookie; "" without one.
func (c *Call) Cookie(name string) string { return caller.Cookie(c.gin.Request, name) }

// SetHeader sets a header of the answer that its Out type does not have.
func (c *Call) SetHeader(name, value string) { c.gin.Header(name, value) }

// roles lists the actor's roles for the operation log. Roles that cannot be read are not
// none: the log would say that somebody without any right did it.
func (c *Call) roles(ctx context.Context) ([]string, error) {
	names := []string{}
	if c.Actor.ID == "" {
		return names, nil
	}
	roles, err := c.Rbac.Roles(ctx, c.Actor)
	if err != nil {
		return nil, fmt.Errorf("read the actor's roles: %w", err)
	}
	for _, role := range roles {
		names = append(names, string(role))
	}
	slices.Sort(names)
	return names, nil
}

// entry is the call's row of the operation log about an object. One that nobody named is the
// noun of the action and the id in the path.
func (c *Call) entry(change Change, roles []string, result models.Result, code models.Code) (models.Operation, error) {
	o := change.Object
	if o.kind == "" {
		o.kind, _, _ = strings.Cut(c.op.Action, ".")
		o.id = cmp.Or(c.gin.Param("id"), c.gin.Param("key"))
	}
	before, err := public(change.Before)
	if err != nil {
		return models.Operation{}, err
	}
	after, err := public(change.After)
	if err != nil {
		return models.Operation{}, err
	}
	return models.Operation{
		ActorKind: c.Actor.Kind, ActorID: c.Actor.ID, ActorName: c.Actor.Name, Credential: c.Actor.Credential(), Roles: roles,
		IP: c.Origin.IP, UserAgent: c.Origin.UserAgent, RequestID: c.Origin.RequestID,
		Action: c.op.Action, ObjectKind: o.kind, ObjectID: cut(o.id, maxObjectID), ObjectName: o.name,
		Result: result, Code: code, Before: before, After: after,
	}, nil
}

// maxObjectID is the width of an object's id in the operation log.
const maxObjectID = 64

// cut returns at most limit bytes of s.
func cut(s string, limit int) string { return s[:min(len(s), limit)] }

// public encodes an object's public form; nil stays null.
func public(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode for the operation log: %w", err)
	}
	return raw, nil
}

// fail turns an error into the caller's problem, once, and records a denied or
// refused attempt before anybody is told of it.
func (c *Call) fail(ctx context.Context, err error) *front.Failure {
	if c.failed != nil {
		return c.failed
	}
	if recordErr := c.recordAttempt(ctx, err); recordErr != nil {
		c.Log.Error("attempt not recorded", "request_id", c.Origin.RequestID, "action", c.op.Action, "error", recordErr)
		err = models.Errorf(models.CodeUnavailable, "The request was not carried out, and cannot be recorded now.")
	}
	if ctx.Err() != nil && models.CodeOf(err) == models.CodeInternal {
		err = overdue(err)
	}
	c.failed = c.front.Problem(c.gin, err)
	return c.failed
}

// answer is the failure for huma to write; who followed a link in a browser has a page already.
func (c *Call) answer(ctx context.Context, err error) *front.Failure {
	f := c.fail(ctx, err)
	if c.op.Linked {
		c.front.Show(c.gin, f)
	}
	return f
}

// overdue is what is told when the time of a request is over, or its caller is gone:
// whatever broke, broke because of that.
func overdue(cause error) error {
	late := models.Errorf(models.CodeUnavailable, "The request took too long. Please try again.")
	late.RetryAfter = 2 * time.Second
	return errors.Join(late, cause)
}

// recordAttempt writes the row of an attempt that changed nothing: whatever a
// known actor was denied, and whatever changing request of a person a rule
// refused. Malformed, throttled and failed requests leave no row.
func (c *Call) recordAttempt(ctx context.Context, err error) error {
	code := models.CodeOf(err)
	result := resultOf(code)
	person := c.Actor.IsPerson() && c.op.Mutates()
	if c.Actor.Account == "" || result == models.ResultSucceeded || (result == models.ResultRefused && !person) {
		return nil
	}
	// A caller who hangs up is recorded all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	object := objectOf(err)
	roles, err := c.roles(ctx)
	if err != nil {
		return err
	}
	entry, err := c.entry(Change{Object: object}, roles, result, code)
	if err != nil {
		return err
	}
	return c.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.In(c.Actor.Account).OperationLog().Append(ctx, &entry)
	})
}

// resultOf says how a failure counts in the operation log; succeeded means that
// it does not.
func resultOf(code models.Code) models.Result {
	switch code {
	case models.CodeForbidden, models.CodeUnauthenticated:
		return models.ResultDenied
	case models.CodeNotFound, models.CodeConflict, models.CodeLimit, models.CodeAccountContact, models.CodeLastMandatory,
		models.CodeMandatory, models.CodeStrict, models.CodeConfirm, models.CodeStale, models.CodeInvalid, models.CodeMismatch, models.CodeExpired:
		return models.ResultRefused
	}
	return models.ResultSucceeded
}

// originOf says where a request came from.
func originOf(c *gin.Context) models.Origin {
	return models.Origin{
		IP:        c.ClientIP(),
		UserAgent: strings.ToValidUTF8(cut(c.Request.UserAgent(), 512), ""),
		RequestID: front.RequestID(c),
	}
}
