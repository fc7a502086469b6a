package operation

import (
	"errors"
	"slices"

	"belfry.dev/belfry/models"
)

// Object is what an operation is about, as the operation log names it.
type Object struct {
	kind, id, name string
}

// Of names an object: "bot", its id, and what people call it; "" where it has none.
func Of(kind, id, name string) Object { return Object{kind: kind, id: id, name: name} }

// Refused is the error of an attempt at the object that changed nothing; nil for nil. Without
// it the operation log names the object by the noun of the action and the id in the path.
func (o Object) Refused(err error) error {
	if err == nil {
		return nil
	}
	return &refused{error: err, object: o}
}

// refused is an error that knows what the attempt was about.
type refused struct {
	error
	object Object
}

func (r *refused) Unwrap() error { return r.error }

// Change says what one object looked like before and after, in its public form; nil where
// there was none or is none any more. Secrets have no place in it.
type Change struct {
	Object        Object
	Before, After any
}

// Done is what a write returns: its answer, and what the operation log says of it. Only Did
// and DidEach make one.
type Done[Out any] struct {
	out     *Out
	changes []Change
	// also is an account whose operation log has the rows, too; "" for none.
	also models.AccountID
}

// Did is a write that changed one object; see Change.
func Did[Out any](out *Out, object Object, before, after any) *Done[Out] {
	return DidEach(out, []Change{{Object: object, Before: before, After: after}})
}

// DidEach is a write that changed several objects: each has a row of its own. Where it
// changed none, one row says that it was asked.
func DidEach[Out any](out *Out, changes []Change) *Done[Out] {
	if len(changes) == 0 {
		changes = []Change{{}}
	}
	return &Done[Out]{out: out, changes: slices.Clone(changes)}
}

// Out is the answer.
func (d *Done[Out]) Out() *Out { return d.out }

// AlsoIn names the account that an operator acts on: its operation log tells of it, too, but
// not from where the operator came.
func (d *Done[Out]) AlsoIn(account models.AccountID) *Done[Out] {
	if d != nil {
		d.also = account
	}
	return d
}

// Refused is the error of a write that is undone; see Object.Refused.
func (d *Done[Out]) Refused(err error) error { return d.changes[0].Object.Refused(err) }

// objectOf is what a refused attempt was about; the zero Object when the error does not say.
func objectOf(err error) Object {
	if r, ok := errors.AsType[*refused](err); ok {
		return r.object
	}
	return Object{}
}
