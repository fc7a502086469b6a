// Package operationlog is what was done, and by whom.
package operationlog

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/operations", "operation.list", 200, listOperations),
		operation.Serve("GET /v1/operations/export", "operation.export", 200, exportOperations),
		operation.Serve("GET /v1/operations/{seq}", "operation.get", 200, getOperation),
		operation.Serve("GET /v1/accounts/{id}/operations", "account_operation.list", 200, listAccountOperations),
		operation.Serve("GET /v1/accounts/{id}/operations/export", "account_operation.export", 200, exportAccountOperations),
		operation.Serve("GET /v1/accounts/{id}/operations/{seq}", "account_operation.get", 200, getAccountOperation),
	}, describe(), describeExport())
	documentExport(s, "/v1/operations/export")
	documentExport(s, "/v1/accounts/{id}/operations/export")
}

func describe() map[string]operation.Operation {
	return map[string]operation.Operation{
		"operation.list": {
			Summary:     "List my account's operation log",
			Description: "Newest first: changes, and attempts that were denied. Entries are never changed or deleted.",
		},
		"operation.get": {
			Summary:     "Show an entry of my account's operation log",
			Description: "With what the object was before and after the change.",
		},
		"account_operation.list": {
			Summary:     "List an account's operation log",
			Description: `By the account's id or alias; "platform" is the operators' own.`,
		},
		"account_operation.get": {
			Summary:     "Show an entry of an account's operation log",
			Description: "With what the object was before and after the change.",
		},
	}
}

// OperationView is an entry of the operation log in a list.
type OperationView struct {
	Seq       int64         `json:"seq" doc:"Counts from 1 without gaps in each account."`
	At        time.Time     `json:"at"`
	Actor     actorView     `json:"actor"`
	IP        string        `json:"ip"`
	UserAgent string        `json:"user_agent"`
	RequestID string        `json:"request_id"`
	Action    string        `json:"action"`
	Object    objectView    `json:"object"`
	Result    models.Result `json:"result" enum:"succeeded,denied,refused"`
	Code      models.Code   `json:"code" doc:"The problem's code when the result is not succeeded."`
}

type actorView struct {
	Kind       models.ActorKind `json:"kind" enum:"user,product,system"`
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Credential string           `json:"credential" doc:"The id of the session or access key."`
	Roles      []string         `json:"roles"`
}

type objectView struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

func viewOperation(op models.Operation) OperationView {
	return OperationView{
		Seq: op.Seq, At: op.At,
		Actor: actorView{Kind: op.ActorKind, ID: op.ActorID, Name: op.ActorName, Credential: op.Credential, Roles: append([]string{}, op.Roles...)},
		IP:    op.IP, UserAgent: op.UserAgent, RequestID: op.RequestID, Action: op.Action,
		Object: objectView{Kind: op.ObjectKind, ID: op.ObjectID, Name: op.ObjectName}, Result: op.Result, Code: op.Code,
	}
}

type operationOut struct {
	Body struct {
		OperationView
		Before json.RawMessage `json:"before" doc:"The object before; null where there was none."`
		After  json.RawMessage `json:"after" doc:"The object after; null where there is none."`
		Hash   string          `json:"hash" doc:"SHA-256 of the entry and of the one before, in hexadecimal."`
	}
}

// OperationFilter is embedded by the In types of operation lists.
type OperationFilter struct {
	Actor      string    `query:"actor" maxLength:"64" doc:"The id of who acted."`
	Action     string    `query:"action" maxLength:"64" doc:"Such as bot.create."`
	ObjectKind string    `query:"object_kind" maxLength:"64"`
	ObjectID   string    `query:"object_id" maxLength:"64"`
	Result     string    `query:"result" enum:"succeeded,denied,refused"`
	From       time.Time `query:"from" doc:"Inclusive."`
	To         time.Time `query:"to" doc:"Exclusive."`
}

// filter is the store's form; the strings bind a cursor to it.
func (f OperationFilter) filter() (store.OperationFilter, []string, error) {
	out := store.OperationFilter{
		Actor: f.Actor, Action: f.Action, ObjectKind: f.ObjectKind, ObjectID: f.ObjectID, Result: models.Result(f.Result),
	}
	parts := []string{f.Actor, f.Action, f.ObjectKind, f.ObjectID, f.Result, f.From.UTC().String(), f.To.UTC().String()}
	if !f.From.IsZero() {
		out.From = wire.InDatabase(f.From)
	}
	if !f.To.IsZero() {
		out.To = wire.InDatabase(f.To)
	}
	if out.From != nil && out.To != nil && !out.From.Before(*out.To) {
		return out, nil, models.Invalid("query/to", "too-small", "must be after from")
	}
	return out, parts, nil
}

type listOperationsIn struct {
	operation.Listing
	OperationFilter
}

func listOperations(ctx context.Context, c *operation.Call, in *listOperationsIn) (*operation.ListOut[OperationView], error) {
	return operationsOf(ctx, c, c.Account(), in.Listing, in.OperationFilter)
}

func operationsOf(ctx context.Context, c *operation.Call, account models.AccountID, l operation.Listing, f OperationFilter) (*operation.ListOut[OperationView], error) {
	filter, parts, err := f.filter()
	if err != nil {
		return nil, err
	}
	p, err := c.Paging(l, parts...)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(account).OperationLog().List(ctx, filter, p.Page)
	return operation.Listed(p, rows, next, viewOperation), err
}

type operationIn struct {
	Seq string `path:"seq" pattern:"^[1-9][0-9]{0,17}$"`
}

func getOperation(ctx context.Context, c *operation.Call, in *operationIn) (*operationOut, error) {
	return operationOf(ctx, c.Core, c.Account(), in.Seq)
}

func operationOf(ctx context.Context, s *operation.Core, account models.AccountID, seq string) (*operationOut, error) {
	number, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return nil, models.NotFound()
	}
	op, err := s.Store.In(account).OperationLog().ByID(ctx, number)
	if err != nil {
		return nil, err
	}
	out := &operationOut{}
	out.Body.OperationView, out.Body.Hash = viewOperation(op), hex.EncodeToString(op.Hash)
	out.Body.Before, out.Body.After = op.Before, op.After
	return out, nil
}

// accountNamed finds an account by id or alias; the platform's is "platform".
func accountNamed(ctx context.Context, s *operation.Core, name string) (models.AccountID, error) {
	if strings.HasPrefix(name, "acc_") || name == string(models.Platform) {
		a, err := s.Store.Platform().Accounts().ByID(ctx, models.AccountID(name))
		return a.ID, err
	}
	a, err := s.Store.Platform().Accounts().ByAlias(ctx, name)
	return a.ID, err
}

type listAccountOperationsIn struct {
	ID string `path:"id" pattern:"^(acc_[0-9a-f]{32}|[a-z0-9][a-z0-9-]{2,31})$" patternDescription:"an account's id or alias"`
	operation.Listing
	OperationFilter
}

func listAccountOperations(ctx context.Context, c *operation.Call, in *listAccountOperationsIn) (*operation.ListOut[OperationView], error) {
	account, err := accountNamed(ctx, c.Core, in.ID)
	if err != nil {
		return nil, err
	}
	return operationsOf(ctx, c, account, in.Listing, in.OperationFilter)
}

type accountOperationIn struct {
	ID  string `path:"id" pattern:"^(acc_[0-9a-f]{32}|[a-z0-9][a-z0-9-]{2,31})$" patternDescription:"an account's id or alias"`
	Seq string `path:"seq" pattern:"^[1-9][0-9]{0,17}$"`
}

func getAccountOperation(ctx context.Context, c *operation.Call, in *accountOperationIn) (*operationOut, error) {
	account, err := accountNamed(ctx, c.Core, in.ID)
	if err != nil {
		return nil, err
	}
	return operationOf(ctx, c.Core, account, in.Seq)
}
