//go:build e2e

package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// TestFaultsBreakNoPromise does to one service of several processes what
// docs/faults.md lists, one after the other, and closes the books after each.
func TestFaultsBreakNoPromise(t *testing.T) { //nolint:paralleltest // its processes share two cores as it is
	c := newTroubled(t)
	for _, fault := range []struct {
		name string
		test func(*testing.T, *troubled)
	}{
		{"F3 two servers get one key fifty times at once", sameKeyEverywhere},
		{"F2 F13 Temporal is down and the server dies", temporalIsDown},
		{"F14 Temporal is killed in the middle", temporalDies},
		{"F15 Temporal is slow", temporalIsSlow},
		{"F19 MariaDB is killed in a stream of commits", databaseDies},
		{"F7 F8 workers die after the provider took it", workersDie},
		{"F9 a worker is suspended and wakes up later", workerSleeps},
		{"F40 workers cannot reach the database", workersLoseDatabase},
		{"F41 workers cannot reach Temporal", workersLoseTemporal},
		{"F42 no provider can be reached", providersAreGone},
		{"F43 everything is replaced, one process after the other", everythingIsReplaced},
		{"F43 an earlier program works along and takes over", earlierProgramWorks}, // the last: only that one is left
	} {
		ok := t.Run(fault.name, func(t *testing.T) {
			fault.test(t, c)
			c.ended(t)
		})
		if !ok {
			return // the service may be in any state
		}
	}
	text, err := c.sinks.run(t, "audit", "verify")
	require.NoError(t, err, text)
}

// sameKeyEverywhere: one notification, however the answers mix.
func sameKeyEverywhere(t *testing.T, c *troubled) {
	const parallel = 50
	key := c.key()
	answers := make(chan error, parallel)
	for range parallel {
		who := c.product(t)
		go func() {
			id, err := submitKeyed(t.Context(), who, key)
			if err == nil {
				note(c.log, key, id)
			} else if client.StatusOf(err) == http.StatusConflict { // still running
				err = nil
			}
			answers <- err
		}()
	}
	for range parallel {
		require.NoError(t, <-answers)
	}
	eventually(t, 30*time.Second, func() error { // whoever came back is told the same
		id, err := submitKeyed(t.Context(), c.product(t), key)
		if err == nil {
			note(c.log, key, id)
		}
		return err
	})
	require.Equal(t, 1, c.log.Accepted())
}

func temporalIsDown(t *testing.T, c *troubled) {
	c.lines["serve temporal"].Cut()
	c.lines["worker temporal"].Cut()
	began := time.Now()
	ids := c.submit(t, 5)
	require.Less(t, time.Since(began), 5*time.Second, "accepting needs no Temporal")
	eventually(t, 10*time.Second, func() error {
		var ready readiness
		err := client.New(c.bases[0], "").Get(t.Context(), "/readyz", &ready)
		if err == nil && (ready.Status != "degraded" || ready.Parts["temporal"] == "ok") {
			err = fmt.Errorf("the server says that it is %+v", ready)
		}
		return err
	})
	for _, server := range c.stage.Servers {
		server.Kill(0)
	}
	c.lines["serve temporal"].Heal()
	c.lines["worker temporal"].Heal()
	began = time.Now()
	c.ready(t)
	for _, id := range ids {
		eventually(t, 10*time.Second, func() error { return c.planned(t, id) })
	}
	t.Logf("all started %s after Temporal was back", time.Since(began).Round(100*time.Millisecond))
}

func temporalDies(t *testing.T, c *troubled) {
	c.sinks.fault(t, "webhooks", map[string]any{"times": 5, "status": 503})
	c.submit(t, 5)
	require.NotZero(t, c.stage.Temporal.Kill(time.Second))
	c.submit(t, 5)
}

func temporalIsSlow(t *testing.T, c *troubled) {
	c.lines["serve temporal"].Slow(2 * time.Second)
	for range 10 {
		began := time.Now()
		c.submit(t, 1)
		require.Less(t, time.Since(began), time.Second, "a slow Temporal slows accepting down")
	}
	c.lines["serve temporal"].Heal()
}

// databaseDies submits until the answers come again; every acknowledged one is there.
func databaseDies(t *testing.T, c *troubled) {
	c.submit(t, 3)
	require.NotZero(t, c.stage.Database.Kill(500*time.Millisecond))
	failed := 0
	for range 10 {
		key := c.key()
		eventually(t, 30*time.Second, func() error {
			id, err := submitKeyed(t.Context(), c.product(t), key)
			if err != nil {
				failed++
				return err
			}
			note(c.log, key, id)
			return nil
		})
	}
	require.Positive(t, failed, "the database was never away")
}

// workersDie kills the workers while a provider thinks about a message that it takes.
func workersDie(t *testing.T, c *troubled) {
	c.sinks.fault(t, "webhooks", map[string]any{"times": 1, "delay_ms": 1500})
	id := c.submit(t, 1)[0]
	c.underWay(t, id)
	for _, worker := range c.stage.Workers {
		worker.Kill(0)
	}
	hook := finished(t, c.product(t), id, time.Minute).over(t, "webhook")
	require.Equal(t, "delivered", hook.State)
	require.Equal(t, "unknown", hook.Attempts[0].Outcome, "%+v", hook.Attempts)
	require.Equal(t, 2, c.received(t, hook.ID), "both copies have the same id")
}

// workerSleeps stops the one worker that is at it. The other takes over, and what the
// first one has to say when it wakes up changes nothing.
func workerSleeps(t *testing.T, c *troubled) {
	// What Temporal hands to a worker that is suspended comes back after the time of a
	// workflow task or of an activity, and that may happen to several steps.
	const patience = 2 * time.Minute
	first, second := c.stage.Workers[0], c.stage.Workers[1]
	require.NoError(t, second.Signal(syscall.SIGSTOP))
	c.sinks.fault(t, "webhooks", map[string]any{"times": 1, "delay_ms": 1500})
	id := c.submit(t, 1)[0]
	c.underWay(t, id)
	require.NoError(t, first.Signal(syscall.SIGSTOP))
	require.NoError(t, second.Signal(syscall.SIGCONT))
	before := finished(t, c.product(t), id, patience)
	hook := before.over(t, "webhook")
	require.Equal(t, "delivered", hook.State)
	require.Equal(t, "unknown", hook.Attempts[0].Outcome, "%+v", hook.Attempts)

	require.NoError(t, first.Signal(syscall.SIGCONT))
	require.NoError(t, second.Signal(syscall.SIGSTOP))
	finished(t, c.product(t), c.submit(t, 1)[0], patience) // the first one works again
	require.NoError(t, second.Signal(syscall.SIGCONT))
	after, err := readReport(t, c.product(t), id)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// workersLoseDatabase: nothing is sent that could not be recorded first.
func workersLoseDatabase(t *testing.T, c *troubled) {
	before := len(copies(t, c.sinks))
	logged := c.complaints(t)
	c.lines["worker database"].Silence()
	c.submit(t, 5)
	eventually(t, 30*time.Second, func() error {
		if c.complaints(t) == logged {
			return errors.New("no worker has noticed")
		}
		return nil
	})
	require.Len(t, copies(t, c.sinks), before, "sent although nobody could record it")
	c.lines["worker database"].Heal()
}

func workersLoseTemporal(t *testing.T, c *troubled) {
	const apart = 10 * time.Second
	c.lines["worker temporal"].Silence()
	ids := c.submit(t, 5)
	select {
	case <-time.After(apart): // neither side is told: no condition to wait for
	case <-t.Context().Done():
	}
	c.lines["worker temporal"].Heal()
	began := time.Now()
	for _, id := range ids {
		finished(t, c.product(t), id, time.Minute)
	}
	t.Logf("all done %s after the line was whole again", time.Since(began).Round(100*time.Millisecond))
}

// providersAreGone: what expires meanwhile is not sent afterwards, the rest is.
func providersAreGone(t *testing.T, c *troubled) {
	c.stopSinks(t)
	late := c.submitWith(t, map[string]any{"ttl_seconds": 2})
	kept := c.submit(t, 5)
	r := finished(t, c.product(t), late, 30*time.Second)
	for _, channel := range []string{"email", "sms", "webhook"} {
		require.Equal(t, "expired", r.over(t, channel).Reason)
	}
	c.continueSinks(t)
	for _, id := range kept {
		require.Equal(t, "delivered", finished(t, c.product(t), id, time.Minute).Status)
	}
}

// everythingIsReplaced ends each process in the orderly way while submissions go on;
// the supervisor starts the next one.
func everythingIsReplaced(t *testing.T, c *troubled) {
	for _, part := range append(append(c.stage.Parts()[:0:0], c.stage.Workers...), c.stage.Servers...) {
		c.submit(t, 3)
		starts := part.Starts()
		require.NoError(t, part.Signal(syscall.SIGTERM))
		c.submit(t, 3)
		eventually(t, 30*time.Second, func() error {
			if part.Starts() == starts {
				return errors.New(part.Name + " is not replaced yet")
			}
			return nil
		})
	}
	c.ready(t)
}

// readiness is what /readyz says.
type readiness struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

// planned is nil once the notification has its deliveries.
func (c *troubled) planned(t *testing.T, id string) error {
	r, err := readReport(t, c.product(t), id)
	if err == nil && len(r.Deliveries) == 0 {
		err = errors.New("its workflow was not started")
	}
	return err
}

// underWay waits until the notification's webhook is being called.
func (c *troubled) underWay(t *testing.T, id string) {
	t.Helper()
	eventually(t, 30*time.Second, func() error {
		r, err := readReport(t, c.product(t), id)
		if err != nil {
			return err
		}
		for _, d := range r.Deliveries {
			if d.Channel == "webhook" && len(d.Attempts) > 0 {
				return nil
			}
		}
		return errors.New("nobody calls the webhook")
	})
}

// received counts the copies of a delivery.
func (c *troubled) received(t *testing.T, delivery string) int {
	t.Helper()
	n := 0
	for _, each := range copies(t, c.sinks) {
		if each.Key == delivery {
			n++
		}
	}
	return n
}

// complaints counts what the workers say about a database that does not work.
func (c *troubled) complaints(t *testing.T) int {
	t.Helper()
	n := 0
	for _, worker := range c.stage.Workers {
		text, err := os.ReadFile(filepath.Join(c.dir, worker.Name+".log"))
		require.NoError(t, err)
		n += strings.Count(string(text), "unavailable: ")
	}
	return n
}

// ended closes the books over everything that was submitted so far.
func (c *troubled) ended(t *testing.T) {
	t.Helper()
	ended(t, c.sinks, c.log, time.Minute)
}

// key returns a key that was not used.
func (c *troubled) key() string { return "fault-" + strconv.FormatInt(c.keys.Add(1), 10) }

// product is a client of one server after the other.
func (c *troubled) product(t *testing.T) *client.Client {
	t.Helper()
	return client.New(c.bases[int(c.turn.Add(1))%len(c.bases)], c.productKey)
}

// submit submits so many notifications. Each must be accepted by one of the servers.
func (c *troubled) submit(t *testing.T, count int) []string {
	t.Helper()
	var ids []string
	for range count {
		ids = append(ids, c.submitWith(t, nil))
	}
	return ids
}

func (c *troubled) submitWith(t *testing.T, more map[string]any) string {
	t.Helper()
	key := c.key()
	body := map[string]any{"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": key}}
	for name, value := range more {
		body[name] = value
	}
	var accepted struct {
		ID string `json:"id"`
	}
	eventually(t, 30*time.Second, func() error {
		err := c.product(t).Once(key).Post(t.Context(), "/v1/notifications", body, &accepted)
		if status := client.StatusOf(err); status != 0 && status != http.StatusServiceUnavailable {
			require.NoError(t, err)
		}
		return err
	})
	note(c.log, key, accepted.ID)
	return accepted.ID
}

func (c *troubled) ready(t *testing.T) {
	t.Helper()
	require.NoError(t, c.stage.Ready(t.Context(), time.Minute))
}
