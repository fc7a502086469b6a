package store

import (
	"errors"
	"fmt"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/engine"
	"gorm.io/gorm"
)

// retryAfter is announced while the database cannot work.
const retryAfter = 2 * time.Second

// unavailableError is a models.Error that keeps its cause, so that Write can
// still see a conflict and try again.
type unavailableError struct {
	public *models.Error
	cause  error
}

func (e *unavailableError) Error() string   { return e.public.Error() + ": " + e.cause.Error() }
func (e *unavailableError) Unwrap() []error { return []error{e.public, e.cause} }

// failed turns an error of the database into the caller's: not-found, conflict
// (a unique value is taken) and unavailable are models.Error, others are wrapped
// with what was attempted. Errors that have a code already stay as they are.
func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, coded := errors.AsType[*models.Error](err); coded {
		return err
	}
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return models.NotFound()
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return models.Errorf(models.CodeConflict, "Something with this name or key exists already.")
	case engine.Unavailable(err):
		public := models.Errorf(models.CodeUnavailable, "The database cannot work now. Please try again.")
		public.RetryAfter = retryAfter
		return &unavailableError{public: public, cause: fmt.Errorf("store %s: %w", what, err)}
	}
	return fmt.Errorf("store %s: %w", what, err)
}
