package activities_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// recording says when the first failure that closes its destination is recorded.
type recording struct {
	activities.Store
	done *atomic.Bool
}

func (r recording) FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error) {
	p, err := r.Store.FinishAttempt(ctx, end)
	if e := end.Destination; err == nil && (e.SuspendFor != "" || e.PausedUntil != nil) {
		r.done.Store(true)
	}
	return p, err
}

// crowd are forty notifications to one endpoint, and two processes that deliver them.
type crowd struct {
	*world.World
	t          *testing.T
	processes  []*activities.Activities
	deliveries []string
	recorded   atomic.Bool
	calls      atomic.Int64
	late       atomic.Int64
}

func newCrowd(t *testing.T, cfg store.Config, failure *channels.Error) *crowd {
	t.Helper()
	c := &crowd{World: world.NewOn(t, cfg), t: t}
	hook(c.World)
	cfg.Now = c.Now
	for _, db := range []*store.Store{c.Store, storetest.Open(t, cfg)} {
		c.Wrap = func(activities.Store) activities.Store { return recording{db.Work(), &c.recorded} }
		c.processes = append(c.processes, c.Activities(world.Config()))
	}
	for range 40 {
		id := c.Accept(nil).ID
		_, err := c.processes[0].Plan(t.Context(), activities.NotificationRef{AccountID: c.Account, NotificationID: id})
		require.NoError(t, err)
		d, _ := c.Delivery(id, models.ChannelWebhook)
		c.deliveries = append(c.deliveries, d.ID)
	}
	c.Sink.Answer(func(_ context.Context, call world.Call) *channels.Error {
		if call.Channel != models.ChannelWebhook {
			return nil
		}
		c.calls.Add(1)
		if c.recorded.Load() {
			c.late.Add(1)
		}
		return failure
	})
	return c
}

// deliver makes one attempt of each, all at once, in turns by the two processes.
func (c *crowd) deliver() {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, id := range c.deliveries {
		all.Go(func() {
			<-start
			_, err := c.processes[i%2].Attempt(c.t.Context(), activities.AttemptInput{AccountID: c.Account, DeliveryID: id})
			assert.NoError(c.t, err)
		})
	}
	close(start)
	all.Wait()
}

// Whoever is about to call asks once more: an endpoint that is gone, or that asked for a
// pause, is not called by those who were under way when it said so.
func TestFortyAtOnceStopWhereOneIsToldTo(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]*channels.Error{
		"gone": {Class: channels.Misconfigured, Reason: "gone", Code: "410"}, "rate-limited": world.Wait(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
				c := newCrowd(t, cfg, failure)
				c.deliver()
				assert.LessOrEqual(t, c.late.Load(), int64(1), "calls after the failure was recorded")
				before := c.calls.Load()
				c.deliver()
				assert.Equal(t, before, c.calls.Load(), "nobody calls it later")
				c.agree()
			})
		})
	}
}

// agree checks that the attempts of each delivery are those that were made.
func (c *crowd) agree() {
	made := int64(0)
	for _, id := range c.deliveries {
		d, err := c.Store.Deliveries().Dispatch(c.t.Context(), c.Account, id)
		require.NoError(c.t, err)
		assert.Equal(c.t, models.DeliveryPending, d.Delivery.State)
		assert.Len(c.t, d.Attempts, d.Delivery.Attempts, "the number of attempts is that of the rows")
		for _, a := range d.Attempts {
			assert.NotEmpty(c.t, a.Outcome, "an attempt is left without an outcome")
			made++
		}
	}
	assert.Equal(c.t, c.calls.Load(), made, "every call is an attempt, and no attempt was no call")
}
