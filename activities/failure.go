package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"belfry.dev/belfry/models"
)

// fault turns an error into a failure that may stand in a history: the code
// only. The error itself goes to the log. A row that does not exist, or an input
// that no repetition will make right, is not retried.
func (a *Activities) fault(what, id string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	code := models.CodeOf(err)
	a.Logger.Warn("activity failed", "step", what, "id", id, "code", code, "error", err)
	switch code {
	case models.CodeNotFound, models.CodeInvalid, models.CodeForbidden:
		return temporal.NewNonRetryableApplicationError(what, string(code), nil)
	default:
		return temporal.NewApplicationError(what, string(code))
	}
}
