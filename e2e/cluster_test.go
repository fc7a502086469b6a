//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

func TestSeveralProcessesOnOneDatabaseAreOneService(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"mariadb", "mysql"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			serveTogether(t, newCluster(t, database, binary))
		})
	}
}

// serveTogether submits while processes end and begin, and looks at what came of it.
func serveTogether(t *testing.T, c *cluster) {
	t.Helper()
	c.populate(t)
	c.grantsCountEverywhere(t)
	c.sinks.fault(t, "webhooks", map[string]any{"times": -1, "every": 5, "status": 503, "delay_ms": 100})
	c.sinks.fault(t, "mail", map[string]any{"times": -1, "every": 7, "status": 451, "delay_ms": 100})

	log := ledger.NewLog()
	c.submitWhile(t, log, c.serves[0].ended, map[int]func(){
		20: func() { c.workers[0].kill(t) },
		60: func() { c.serves[0].signal(t, syscall.SIGTERM) },
	})
	c.serves[0].endsCleanly(t)
	reports := ended(t, c.sinks, log, 60*time.Second)
	checkFates(t, reports)
	c.countsAgree(t, reports)

	c.workers[1].signal(t, syscall.SIGTERM)
	c.workers[1].endsCleanly(t)
	text, err := c.sinks.run(t, "audit", "verify")
	require.NoError(t, err, text)
	require.Contains(t, text, "platform: good")
}

// countsAgree looks at what the processes that are left say about their work: the
// server knows that nothing waits, the worker what it delivered.
func (c *cluster) countsAgree(t *testing.T, reports map[string]ledger.Report) {
	t.Helper()
	serve, worker := c.serves[1].metrics(t), c.workers[1].metrics(t)
	require.Zero(t, serve[`belfry_open_notifications{status="pending"}`])
	require.Positive(t, serve[`belfry_submissions_total{category="account",source="product",status="pending"}`])
	require.Positive(t, serve[`belfry_permission_checks_total{result="denied"}`])
	require.Positive(t, serve[`belfry_inbox_latency_seconds_count`])
	for _, channel := range []string{"email", "sms", "webhook"} {
		n := worker[`belfry_deliveries_total{category="account",channel="`+channel+`",reason="",state="delivered"}`]
		require.Positive(t, n, "nothing delivered over %s: %v", channel, worker)
		require.LessOrEqual(t, n, float64(len(reports)))
		require.InDelta(t, n, worker[`belfry_delivery_latency_seconds_count{channel="`+channel+`"}`], 0)
	}
}

// grantsCountEverywhere grants and revokes over one process and looks over the other.
func (c *cluster) grantsCountEverywhere(t *testing.T) {
	t.Helper()
	here, there := client.New(c.bases[0], c.rootKey), client.New(c.bases[1], "")
	var user, grant struct {
		ID string `json:"id"`
	}
	require.NoError(t, here.Post(t.Context(), "/v1/users", map[string]any{"name": "finance", "password": clusterPassword}, &user))
	sub := c.signIn(t, there, "acme", "finance")
	require.Equal(t, http.StatusForbidden, client.StatusOf(sub.Get(t.Context(), "/v1/inbox/messages", nil)))
	require.NoError(t, here.Post(t.Context(), "/v1/grants", map[string]any{"user_id": user.ID, "role": "MessageCenterReadOnly"}, &grant))
	eventually(t, effective, func() error { return sub.Get(t.Context(), "/v1/inbox/messages", nil) })
	require.NoError(t, here.Call(t.Context(), http.MethodDelete, "/v1/grants/"+grant.ID, nil, nil))
	eventually(t, effective, func() error {
		if status := client.StatusOf(sub.Get(t.Context(), "/v1/inbox/messages", nil)); status != http.StatusForbidden {
			return fmt.Errorf("status %d after the grant was revoked in another process", status)
		}
		return nil
	})
}

// submitWhile submits over all processes that are ready, as a load balancer would,
// until the channel is closed, and does what is planned when so many were accepted.
// Every request must succeed.
func (c *cluster) submitWhile(t *testing.T, log *ledger.Log, over <-chan struct{}, plan map[int]func()) {
	t.Helper()
	balancer := newBalancer(t, c.bases[:])
	happens := make(chan func(), len(plan))
	var senders sync.WaitGroup
	var keys atomic.Int64
	for range 4 {
		senders.Go(func() {
			for open := true; open && !t.Failed(); {
				key := strconv.FormatInt(keys.Add(1), 10)
				id, err := submitKeyed(t.Context(), client.New(balancer.pick(), c.productKey), key)
				if err != nil {
					t.Errorf("submission %s failed although a process was ready: %v", key, err)
					return
				}
				if event := plan[note(log, key, id)]; event != nil {
					happens <- event
				}
				select {
				case <-over:
					open = false
				default:
				}
			}
		})
	}
	for range plan {
		select {
		case event := <-happens:
			event()
		case <-time.After(time.Minute):
			t.Error("the service accepts too slowly")
		}
	}
	senders.Wait()
}

// balancer chooses among the processes that say they are ready.
type balancer struct {
	bases []string
	ready []atomic.Bool
	turn  atomic.Int64
}

// newBalancer asks every process now, and then twenty times a second.
func newBalancer(t *testing.T, bases []string) *balancer {
	t.Helper()
	b := &balancer{bases: bases, ready: make([]atomic.Bool, len(bases))}
	b.ask(t.Context())
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-t.Context().Done():
				return
			case <-tick.C:
				b.ask(t.Context())
			}
		}
	}()
	return b
}

func (b *balancer) ask(ctx context.Context) {
	for i, base := range b.bases {
		b.ready[i].Store(client.New(base, "").Get(ctx, "/readyz", nil) == nil)
	}
}

func (b *balancer) pick() string {
	for range b.bases {
		if i := int(b.turn.Add(1)) % len(b.bases); b.ready[i].Load() {
			return b.bases[i]
		}
	}
	return b.bases[0]
}
