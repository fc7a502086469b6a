package work

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.temporal.io/sdk/temporal"

	"belfry.dev/belfry/models"
)

// Catch turns a panic into a failure without its words and its stack, which the
// engine would keep in the history; the log has the stack. It is tried again like any
// other fault.
func (w *Work) Catch(what, id string, err *error) {
	if p := recover(); p != nil {
		w.Logger.Error("activity panicked", "step", what, "id", id, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		*err = temporal.NewApplicationError(what, string(models.CodeInternal))
	}
}

// Fault turns an error into a failure that may stand in a history: the code
// only. The error itself goes to the log. A row that does not exist, or an input
// that no repetition will make right, is not retried.
func (w *Work) Fault(what, id string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	code := models.CodeOf(err)
	w.Logger.Warn("activity failed", "step", what, "id", id, "code", code, "error", err)
	switch code {
	case models.CodeNotFound, models.CodeInvalid, models.CodeForbidden:
		return temporal.NewNonRetryableApplicationError(what, string(code), nil)
	default:
		return temporal.NewApplicationError(what, string(code))
	}
}
