//go:build e2e

package e2e_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// quick makes a machine notice and repeat within seconds what takes minutes
// otherwise.
func quick() []string {
	return []string{
		"BELFRY_RETRY_DELAYS=300ms,500ms,1s,2s,2s,2s,2s,2s", "BELFRY_ATTEMPT_TIMEOUT=2s", "BELFRY_ATTEMPT_DEAD_AFTER=3s",
		"BELFRY_WORKER_ATTEMPT_WITHIN=5s",
	}
}

func TestKilledInTheMiddleNothingIsLostAndNothingSticks(t *testing.T) {
	t.Parallel()
	const total, killAt = 80, 50
	m := newMachine(t, quick()...)
	m.start(t)
	m.fault(t, "webhooks", map[string]any{"times": -1, "every": 3, "status": 503, "delay_ms": 50})
	m.fault(t, "mail", map[string]any{"times": -1, "every": 4, "drop": true, "keep": true, "delay_ms": 50})
	log := ledger.NewLog()
	submitAll(t, m, log, total, killAt)

	m.start(t)
	c := m.product(t)
	for i := range total {
		key := strconv.Itoa(i)
		id, err := submitKeyed(t.Context(), c, key)
		require.NoError(t, err)
		note(log, key, id) // the same notification as before, if it was answered before
	}
	checkFates(t, ended(t, m, log, 90*time.Second))
	text, err := m.run(t, "--config", m.data+"/belfry.yaml", "audit", "verify")
	require.NoError(t, err, text)
}

// submitAll submits until the machine dies: the test kills it once killAt were
// accepted. What got no answer is unknown to the product.
func submitAll(t *testing.T, m *machine, log *ledger.Log, total, killAt int) {
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
				if note(log, key, id) >= killAt {
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

// checkFates wants everything delivered, but for texts of unknown outcome, which
// are not sent again.
func checkFates(t *testing.T, reports map[string]ledger.Report) {
	t.Helper()
	for id, r := range reports {
		for _, d := range r.Deliveries {
			if d.Channel != "sms" || d.Reason != "outcome_unknown" {
				require.Equal(t, "delivered", d.State, "notification %s: %+v", id, d)
			}
		}
	}
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
