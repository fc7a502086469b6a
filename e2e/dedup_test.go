//go:build e2e

package e2e_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// event is the answer to one of many equal events.
type event struct {
	ID           string `json:"id"`
	Deduplicated bool   `json:"deduplicated"`
}

// submitEvent submits one of the equal events, with an idempotency key of its own.
func submitEvent(t *testing.T, c *client.Client, key string) (event, error) {
	t.Helper()
	var e event
	return e, c.Once(key).Post(t.Context(), "/v1/notifications", map[string]any{
		"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": key}, "dedup_key": "db-1 is full",
	}, &e)
}

func TestAHundredEqualEventsAreOneMessageAlthoughTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	const total, killAt = 100, 50
	m := newMachine(t, quick()...)
	m.start(t)
	c := m.product(t)
	keys := make(chan string, total)
	for i := range total {
		keys <- strconv.Itoa(i)
	}
	close(keys)
	var accepted atomic.Int32
	enough := make(chan struct{})
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for key := range keys {
				if _, err := submitEvent(t, c, key); err == nil && accepted.Add(1) == killAt {
					close(enough)
				}
				if accepted.Load() >= killAt {
					return // the others are under way when the machine dies
				}
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(time.Minute):
		require.Fail(t, "the machine accepts too slowly")
	}
	m.kill(t)
	senders.Wait()

	m.start(t)
	ids := map[string]bool{}
	for i := range total { // what got no answer, and what did: the key tells them apart
		e, err := submitEvent(t, c, strconv.Itoa(i))
		require.NoError(t, err)
		ids[e.ID] = true
	}
	require.Len(t, ids, 1, "equal events of one window are one notification")
	for id := range ids {
		r := finished(t, c, id, 60*time.Second)
		require.Equal(t, total, r.Count)
		require.Equal(t, "delivered", r.over(t, "email").State) // a text whose outcome the kill hid is not repeated
		mails := m.mails(t)
		require.NotEmpty(t, mails)
		for _, each := range mails { // a second copy only of an attempt that the kill cut off
			require.Equal(t, r.over(t, "email").ID, deliveryOf(each))
		}
	}
	messages := inbox(t, m.root(t))
	require.Len(t, messages, 1)
	require.Equal(t, total, messages[0].Count)
}
