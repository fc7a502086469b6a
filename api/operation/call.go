package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Call is one request to an operation: who calls, from where, and what the
// operation log will say of it. It belongs to one goroutine.
type Call struct {
	// Actor is who calls; zero for public operations, see ActAs.
	Actor  models.Actor
	Origin models.Origin

	*Core
	op   *Operation
	gin  *gin.Context
	body *wire.Value // nil without a body
	key  string      // the Idempotency-Key; "" for none

	object
	// items are the objects of an operation about several; each has its own row.
	items []object
	// also is an account whose operation log has the rows, too; "" for none.
	also   models.AccountID
	failed *failure // what the caller will be told; nil while all is well
}

// object is what an operation is about, and what became of it.
type object struct {
	kind, id, name string
	before, after  any
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

// Object names what the operation is about in the operation log. Without it, it
// is the noun of the action and the id in the path.
func (c *Call) Object(kind, id, name string) {
	c.object.kind, c.object.id, c.object.name = kind, id, name
}

// Change says what the object looked like before and after, in its public form;
// nil where there was none or is none any more. Secrets have no place in it.
func (c *Call) Change(before, after any) { c.before, c.after = before, after }

// Item says what became of one of several objects; each has a row of its own, and
// the operation as a whole has none then.
func (c *Call) Item(kind, id, name string, before, after any) {
	c.items = append(c.items, object{kind: kind, id: id, name: name, before: before, after: after})
}

// AlsoIn names the account that an operator acts on: its operation log tells of it,
// too, but not from where the operator came.
func (c *Call) AlsoIn(account models.AccountID) { c.also = account }

// Path returns a parameter of the path.
func (c *Call) Path(name string) string { return c.gin.Param(name) }

// Cookie returns the value of a cookie; "" without one.
func (c *Call) Cookie(name string) string { return cookieValue(c.gin.Request, name) }

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

// entry is the call's row of the operation log about an object.
func (c *Call) entry(o object, roles []string, result models.Result, code models.Code) (models.Operation, error) {
	if o.kind == "" {
		o.kind, _, _ = strings.Cut(c.op.Action, ".")
		o.id = c.gin.Param("id")
	}
	before, err := public(o.before)
	if err != nil {
		return models.Operation{}, err
	}
	after, err := public(o.after)
	if err != nil {
		return models.Operation{}, err
	}
	return models.Operation{
		ActorKind: c.Actor.Kind, ActorID: c.Actor.ID, ActorName: c.Actor.Name, Credential: c.Actor.Credential(), Roles: roles,
		IP: c.Origin.IP, UserAgent: c.Origin.UserAgent, RequestID: c.Origin.RequestID,
		Action: c.op.Action, ObjectKind: o.kind, ObjectID: Cut(o.id, maxObjectID), ObjectName: o.name,
		Result: result, Code: code, Before: before, After: after,
	}, nil
}

// maxObjectID is the width of an object's id in the operation log.
const maxObjectID = 64

// Cut returns at most limit bytes of s.
func Cut(s string, limit int) string { return s[:min(len(s), limit)] }

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
func (c *Call) fail(ctx context.Context, err error) *failure {
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
	c.failed = c.problem(c.gin, err)
	return c.failed
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
	person := c.Actor.IsPerson() && c.op.mutates()
	if c.Actor.Account == "" || result == models.ResultSucceeded || (result == models.ResultRefused && !person) {
		return nil
	}
	// A caller who hangs up is recorded all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	c.before, c.after = nil, nil
	roles, err := c.roles(ctx)
	if err != nil {
		return err
	}
	entry, err := c.entry(c.object, roles, result, code)
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
		UserAgent: strings.ToValidUTF8(Cut(c.Request.UserAgent(), 512), ""),
		RequestID: c.GetString(headerRequestID),
	}
}

// isSafe reports whether a method changes nothing by definition.
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
