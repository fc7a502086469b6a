package operation

import (
	"context"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/front"
	"belfry.dev/belfry/api/wire"
)

// adoptHuma sets what huma keeps in package variables: keys are compared exactly,
// null is no array, and errors are our problems. It is the same for every server of
// the process.
var adoptHuma = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return &front.Failure{Problem: wire.NewProblem(contract.FromHuma(status, message, errs), "", "")}
	}
	huma.NewErrorWithContext = func(hc huma.Context, status int, message string, errs ...error) huma.StatusError {
		err := contract.FromHuma(status, message, errs)
		if c, ok := callOf(hc.Context()); ok {
			f := c.answer(hc.Context(), err)
			for name, values := range f.GetHeaders() {
				hc.SetHeader(name, values[0])
			}
			return f
		}
		return &front.Failure{Problem: wire.NewProblem(err, "", "")}
	}
})

// callKey is where register leaves the Call for the handler that huma calls with
// nothing but a context. No other code reads it.
type callKey struct{}

func callOf(ctx context.Context) (*Call, bool) {
	c, ok := ctx.Value(callKey{}).(*Call)
	return c, ok
}
