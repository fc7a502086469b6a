package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/signin"
	"belfry.dev/belfry/store"
)

func TestTriesAreCountedExactlyInParallelAndRefusedOnesNot(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		rules := signin.Rules{}.WithDefaults()
		name, network := rules.OfName("acme", "root", "192.0.2.0/24"), rules.OfNetwork("192.0.2.0/24")
		try := func() error { return s.Limits().Try(t.Context(), network, name) }
		var allowed atomic.Int64
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if err := try(); err == nil {
					allowed.Add(1)
				} else {
					assert.Equal(t, models.CodeRateLimited, models.CodeOf(err), "%v", err)
				}
			})
		}
		all.Wait()
		require.Equal(t, int64(10), allowed.Load(), "parallel tries multiply the budget")
		failure := &models.Error{}
		require.ErrorAs(t, try(), &failure)
		require.Equal(t, 5*time.Second, failure.RetryAfter, "twenty refused ones do not make it longer")
		require.NoError(t, s.Limits().Try(t.Context(), network, rules.OfName("acme", "root", "198.51.100.0/24")), "another network has its own")
		c.Advance(5 * time.Second)
		require.NoError(t, try())
		wantCode(t, try(), models.CodeRateLimited)
		require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return tx.Return(t.Context(), name, network) }))
		for range 10 {
			require.NoError(t, try())
		}
	})
}
