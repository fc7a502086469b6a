package operation

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/shape"
	"belfry.dev/belfry/models"
)

// Operation is a row of a room's table with all that is said of it; see Table.
type Operation = contract.Operation

// Register adds an operation with its endpoint. In is a struct of parameters and a
// Body, Out one of headers and a Body; see the package comment.
func Register[In, Out any](s *Core, op Operation, endpoint func(context.Context, *Call, *In) (*Out, error)) {
	s.check(op)
	if hidden := shape.Hidden(reflect.TypeFor[In](), reflect.TypeFor[Out]()); hidden != nil {
		panic("api: operation " + op.Action + " embeds " + hidden.String() + ", which needs an exported name")
	}
	route := contract.NewRoute(op, s.Config.MaxBodyBytes)
	described := route.Describe()
	described.Middlewares = huma.Middlewares{s.admit(route)}
	handler := func(ctx context.Context, in *In) (*Out, error) {
		c, ok := callOf(ctx)
		if !ok {
			return nil, errors.New("api: operation called without a Call")
		}
		if op.Mutates() && !op.Frequent {
			defer s.forget() // after a panic, too: what it changed may be stored
		}
		out, err := endpoint(ctx, c, in)
		if err != nil {
			return nil, c.answer(ctx, err)
		}
		return out, nil
	}
	s.Operations = append(s.Operations, op)
	huma.Register(s.Huma, described, handler)
	if op.Bell != "" {
		s.Router.OPTIONS(strings.NewReplacer("{", ":", "}", "").Replace(op.Path), gin.WrapF(s.Origins.Preflight(op.Method)))
	}
	route.Learn(s.Huma.OpenAPI())
	route.AlsoCreates(s.Huma.OpenAPI())
}

// forget drops what is remembered of who may do what.
func (s *Core) forget() {
	s.Rbac.Forget()
	s.callers.Forget()
}

// check refuses a row that cannot be right, when the process starts.
func (s *Core) check(op Operation) {
	switch {
	case op.Action == "" || op.Method == "" || op.Path == "" || op.Summary == "":
		panic("api: operation " + op.Action + " lacks a field")
	case op.Public == (s.Rbac.Policy().Roles(op.Action) != nil):
		panic("api: operation " + op.Action + " must be public or stand in the policy")
	}
}

// admit is all that happens to a request before huma validates it.
func (s *Core) admit(r *contract.Route) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		c := &Call{Core: s, op: &r.Operation, gin: humagin.Unwrap(hc)}
		c.Origin = originOf(c.gin)
		if r.Bell != "" {
			s.Origins.Share(c.gin.Writer.Header(), c.gin.Request)
		}
		ctx := context.WithValue(hc.Context(), callKey{}, c)
		if !r.Streams {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.Config.RequestTimeout)
			defer cancel()
		}
		if err := s.prepare(ctx, c, r); err != nil {
			s.front.WriteFailure(c.gin, c.fail(ctx, err))
			return
		}
		next(huma.WithContext(hc, ctx))
	}
}

// prepare runs the steps in the order that tells a stranger least.
func (s *Core) prepare(ctx context.Context, c *Call, r *contract.Route) error {
	if err := r.CheckMedia(c.gin.Request); err != nil {
		return err
	}
	if !r.Public {
		actor, err := s.callers.Of(ctx, c.gin.Request)
		if err != nil {
			return err
		}
		c.Actor = actor
	}
	if err := s.checkOrigin(c, r); err != nil {
		return err
	}
	if !r.Public {
		if err := s.Rbac.Allow(ctx, c.Actor, r.Action, c.Actor.Account); err != nil {
			return err
		}
	}
	if err := c.readKey(); err != nil {
		return err
	}
	if err := r.CheckParameters(c.gin); err != nil {
		return err
	}
	return c.readBody(r)
}

// checkOrigin refuses what a page of another origin made a browser send with the
// person's cookie, reads included, and signing a person in to another account.
// Requests without a cookie may come from anywhere; those of a bell are for its inbox only.
func (s *Core) checkOrigin(c *Call, route *contract.Route) error {
	if bell := c.Actor.Bell; bell != "" && bell != route.Bell {
		return models.Errorf(models.CodeForbidden, "The token of a bell is for reading its inbox only.")
	}
	byCookie := !route.Public && c.gin.GetHeader("Authorization") == ""
	if (byCookie || route.SignsIn) && !s.Origins.Own(c.gin.Request) {
		return models.Errorf(models.CodeForbidden, "Requests from pages of other origins are not accepted.")
	}
	return nil
}
