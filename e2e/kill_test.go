//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// quick makes a machine notice and repeat within seconds what takes minutes
// otherwise.
func quick() []string {
	return []string{
		"BELFRY_RETRY_DELAYS=300ms,500ms,1s,2s,2s,2s,2s,2s", "BELFRY_ATTEMPT_TIMEOUT=2s", "BELFRY_ATTEMPT_DEAD_AFTER=3s",
		"BELFRY_WORKER_ATTEMPT_WITHIN=5s",
	}
}

// ledger is what the product knows: its own keys and the ids it got for them.
type ledger struct {
	mu  sync.Mutex
	ids map[string]string
}

func (l *ledger) accepted(key string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, ok := l.ids[key]
	return id, ok
}

func (l *ledger) note(key, id string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[key] = id
	return len(l.ids)
}

// submitKeyed submits one notification; the same key is the same submission.
func submitKeyed(ctx context.Context, c *client.Client, key string) (string, error) {
	var accepted struct {
		ID string `json:"id"`
	}
	err := c.Once(key).Post(ctx, "/v1/notifications", map[string]any{
		"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": "CNY " + key},
	}, &accepted)
	return accepted.ID, err
}

func TestKilledInTheMiddleNothingIsLostAndNothingSticks(t *testing.T) {
	t.Parallel()
	const total, killAt = 80, 50
	m := newMachine(t, quick()...)
	m.start(t)
	m.fault(t, "webhooks", map[string]any{"times": -1, "every": 3, "status": 503, "delay_ms": 50})
	m.fault(t, "mail", map[string]any{"times": -1, "every": 4, "drop": true, "keep": true, "delay_ms": 50})
	book := &ledger{ids: map[string]string{}}
	submitAll(t, m, book, total, killAt)

	m.start(t)
	c := m.product(t)
	for i := range total {
		key := strconv.Itoa(i)
		again, err := submitKeyed(t.Context(), c, key)
		require.NoError(t, err)
		if first, known := book.accepted(key); known {
			require.Equal(t, first, again, "the same key must stay the same notification")
		}
		book.note(key, again)
	}
	reports := map[string]report{}
	for _, id := range book.ids {
		reports[id] = finished(t, c, id, 90*time.Second)
	}
	checkConservation(t, m, reports)
	text, err := m.run(t, "--config", m.data+"/belfry.yaml", "audit", "verify")
	require.NoError(t, err, text)
}

// submitAll submits until the machine dies: the test kills it once killAt were
// accepted. What got no answer is unknown to the product.
func submitAll(t *testing.T, m *machine, book *ledger, total, killAt int) {
	t.Helper()
	c := m.product(t)
	enough := make(chan struct{})
	var once sync.Once
	var senders sync.WaitGroup
	keys := make(chan string, total)
	for i := range total {
		keys <- strconv.Itoa(i)
	}
	close(keys)
	for range 8 {
		senders.Go(func() {
			for key := range keys {
				id, err := submitKeyed(t.Context(), c, key)
				if err != nil {
					continue // killed meanwhile: submitted again later
				}
				if book.note(key, id) >= killAt {
					once.Do(func() { close(enough) })
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
}

// checkConservation compares what the API reports with what the sinks caught.
func checkConservation(t *testing.T, m *machine, reports map[string]report) {
	t.Helper()
	copies := map[string]int{}
	for _, each := range m.mails(t) {
		copies["email "+deliveryOf(each)]++
	}
	for _, each := range m.texts(t) {
		copies["sms "+each.Key]++
	}
	for _, each := range m.webhooks(t) {
		require.True(t, each.Verified, each.Problem)
		copies["webhook "+each.Key]++
	}
	for id, r := range reports {
		for _, d := range r.Deliveries {
			got := copies[d.Channel+" "+d.ID]
			delete(copies, d.Channel+" "+d.ID)
			if d.Channel == "inbox" {
				continue
			}
			checkDelivery(t, id, d, got)
		}
	}
	require.Empty(t, copies, "the sinks caught what no report knows")

	once := map[string]int{}
	for _, each := range inbox(t, m.root(t)) {
		once[each.NotificationID]++
	}
	for id := range reports {
		require.Equal(t, 1, once[id], "messages of notification %s in the inbox", id)
	}
	require.Len(t, once, len(reports))
}

func checkDelivery(t *testing.T, notification string, d delivery, copies int) {
	t.Helper()
	about := fmt.Sprintf("notification %s: %+v; the sink has %d", notification, d, copies)
	switch {
	case d.State == "delivered":
		require.GreaterOrEqual(t, copies, 1, "reported as delivered, but not received: %s", about)
	case d.Channel == "sms" && d.Reason == "outcome_unknown":
		// A text whose fate nobody knows is not sent again.
	default:
		require.Fail(t, "it must be delivered", about)
	}
	require.LessOrEqual(t, copies, 1+d.unclear(), "more copies than attempts with an unknown outcome allow: %s", about)
}

func TestTimersSurviveAKill(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	c := m.product(t)
	due := time.Now().Add(6 * time.Second).UTC().Truncate(time.Millisecond)
	schedule := func(at time.Time) string {
		var accepted struct {
			ID string `json:"id"`
		}
		require.NoError(t, c.Post(t.Context(), "/v1/notifications", map[string]any{
			"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": "1"}, "schedule_at": at,
		}, &accepted))
		return accepted.ID
	}
	soonID, cancelledID := schedule(due), schedule(due.Add(time.Second))
	require.NoError(t, c.Post(t.Context(), "/v1/notifications/"+cancelledID+"/cancel", nil, nil))
	require.Equal(t, "cancelled", finished(t, c, cancelledID, soon).Status)
	m.kill(t)
	m.start(t)

	r, err := readReport(t, c, soonID)
	require.NoError(t, err)
	require.Equal(t, "scheduled", r.Status, "it is not due yet")
	require.Empty(t, inbox(t, m.root(t)), "nothing is in the inbox before it is due")
	r = finished(t, c, soonID, 30*time.Second)
	require.Equal(t, "delivered", r.Status)
	require.False(t, r.over(t, "email").Attempts[0].StartedAt.Before(due), "sent before it was due")
	require.Len(t, m.mails(t), 1, "the cancelled one must not go out")
	require.Len(t, inbox(t, m.root(t)), 1)
}

// deliveryOf is the delivery's id in a mail: it is the same in every attempt.
func deliveryOf(m mail) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(m.Headers["Message-Id"], "<"), "@")
	return id
}
