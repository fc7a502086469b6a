package worker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/worker"
)

// attic has batches of rows of earlier releases; the second one fails once.
type attic struct{ calls, left int }

func (*attic) Purge(context.Context, time.Duration) (int64, error) { return 0, nil }

func (a *attic) Compose(context.Context) (bool, error) {
	if a.calls++; a.calls == 2 {
		return false, errors.New("the database is away")
	}
	a.left--
	return a.left > 0, nil
}

func TestRowsOfEarlierReleasesAreComposedUntilNoneIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &attic{left: 3}
		ctx, end := context.WithTimeout(t.Context(), time.Hour)
		defer end()
		worker.Housekeep(ctx, a)
		require.Equal(t, 4, a.calls, "one failed, and after the last nobody asks again")
	})
}
