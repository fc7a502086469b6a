package operation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const headerReplayed = "Idempotent-Replayed"

// Commit runs fn in one transaction with all that belongs to a changing request:
// the claim of its idempotency key, its row in the operation log, and its answer
// for those who repeat it. A repeat gets the first answer and fn does not run. fn
// may run several times: it must only use tx and assign results.
//
// Out is stored as JSON; it must hold nothing that JSON loses.
func Commit[Out any](ctx context.Context, c *Call, fn func(tx *store.Tx) (*Done[Out], error)) (*Out, error) {
	roles, err := c.roles(ctx)
	if err != nil {
		return nil, err
	}
	claim := c.claim()
	var out *Out
	var replayed bool
	err = c.Store.Write(ctx, func(tx *store.Tx) error {
		var err error
		if out, err = claimed[Out](ctx, c, tx, claim); out != nil || err != nil {
			replayed = err == nil
			return err
		}
		done, err := fn(tx)
		if err != nil {
			return err
		}
		if done == nil || done.out == nil {
			return fmt.Errorf("operation %s answers nothing", c.op.Action)
		}
		out = done.out
		if err := keep(ctx, c, tx, claim, out); err != nil {
			return err
		}
		return record(ctx, c, tx, roles, done)
	})
	if err != nil {
		return nil, err
	}
	if replayed {
		c.SetHeader(headerReplayed, "true")
	}
	return out, nil
}

// claimed claims the key, if there is one, and returns the answer of a request
// that had it before; nil for none.
func claimed[Out any](ctx context.Context, c *Call, tx *store.Tx, claim *store.Claim) (*Out, error) {
	if claim == nil {
		return nil, nil
	}
	answer, err := tx.In(c.Account()).Answers().Claim(ctx, *claim)
	if err != nil || answer == nil {
		return nil, err
	}
	out := new(Out)
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return nil, fmt.Errorf("read stored answer of %s: %w", c.op.Action, err)
	}
	return out, nil
}

func keep[Out any](ctx context.Context, c *Call, tx *store.Tx, claim *store.Claim, out *Out) error {
	if claim == nil {
		return nil
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("encode answer of %s: %w", c.op.Action, err)
	}
	return tx.In(c.Account()).Answers().Store(ctx, *claim, store.Answer{Status: http.StatusOK, Body: body})
}

// record appends a row for each of the changes. What a product submits is a record by
// itself and has none, unless the operation says so.
func record[Out any](ctx context.Context, c *Call, tx *store.Tx, roles []string, done *Done[Out]) error {
	if c.Actor.Kind == models.ActorProduct && !c.op.RecordsProducts {
		return nil
	}
	for _, change := range done.changes {
		entry, err := c.entry(change, roles, models.ResultSucceeded, "")
		if err != nil {
			return err
		}
		if err := c.append(ctx, tx, entry, done.also); err != nil {
			return err
		}
	}
	return nil
}

// append adds the row to the actor's operation log, and to that of the account that
// an operator acted on.
func (c *Call) append(ctx context.Context, tx *store.Tx, entry models.Operation, also models.AccountID) error {
	theirs := entry
	if err := tx.In(c.Account()).OperationLog().Append(ctx, &entry); err != nil || also == "" {
		return err
	}
	theirs.IP, theirs.UserAgent, theirs.Credential = "", "", ""
	return tx.In(also).OperationLog().Append(ctx, &theirs)
}

// claim identifies the request among those with the same key; nil without a key.
func (c *Call) claim() *store.Claim {
	if c.key == "" {
		return nil
	}
	request := c.gin.Request
	prints := c.Fingerprints
	claim := &store.Claim{Action: c.op.Action}
	copy(claim.Scope[:], prints.Scope(string(c.Account()), string(c.Actor.Kind), c.Actor.ID, c.Actor.Credential(),
		request.Method, request.URL.EscapedPath(), c.key))
	copy(claim.Fingerprint[:], prints.Of(c.body, request.URL.Query().Encode(), request.Header.Get("If-Match")))
	return claim
}

// readKey takes the Idempotency-Key: one header with 1–255 visible ASCII
// characters, but no comma, which a proxy may have joined two with.
func (c *Call) readKey() error {
	values := c.gin.Request.Header.Values(contract.IdempotencyKey)
	if len(values) == 0 || !c.op.Mutates() {
		return nil
	}
	key := values[0]
	invisible := strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' }) >= 0
	if len(values) > 1 || key == "" || len(key) > contract.MaxKey || invisible {
		const detail = "must be one key of 1–255 visible ASCII characters without a comma"
		return &models.Error{
			Code: models.CodeMalformed, Detail: "The Idempotency-Key is not acceptable.",
			Fields: []models.Field{{Pointer: "header/" + contract.IdempotencyKey, Code: "invalid", Detail: detail}},
		}
	}
	c.key = key
	return nil
}

// Replayed returns the answer of an earlier request with the same key, for
// operations that do something outside of the database before they commit; nil
// when there is none. Code idempotency-mismatch: the key was used otherwise.
func Replayed[Out any](ctx context.Context, c *Call) (*Out, error) {
	claim := c.claim()
	if claim == nil {
		return nil, nil
	}
	answer, err := c.Store.In(c.Account()).Answers().Replay(ctx, *claim)
	if err != nil || answer == nil {
		return nil, err
	}
	out := new(Out)
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return nil, fmt.Errorf("read stored answer of %s: %w", c.op.Action, err)
	}
	c.SetHeader(headerReplayed, "true")
	return out, nil
}

// Earlier answers a request that cannot be accepted now: when it is the repeat of
// one that was accepted, with that one's answer; else with the error.
func Earlier[Out any](ctx context.Context, c *Call, refusal error) (*Out, error) {
	out, err := Replayed[Out](ctx, c)
	if out == nil && err == nil {
		return nil, refusal
	}
	return out, err
}
