package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// atOnce runs fn in n goroutines that start together, and returns their errors.
func atOnce(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-gate
			errs[i] = fn(i)
		})
	}
	close(gate)
	all.Wait()
	return errs
}

func TestManyWorkersSuspendADestinationOnceAndWarnOnce(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		const workers = 24
		open := make([]models.Delivery, workers)
		for i := range open {
			_, each := mine.planned(t, nil)
			open[i] = each[1]
			require.True(t, mine.begin(t, open[i], 1))
		}
		alarm := func(key string) *models.Acceptance {
			a := mine.draft(func(n *models.Notification) { n.Type, n.ProductID = key, "" })
			return &a
		}
		for _, err := range atOnce(workers, func(i int) error {
			d := open[i]
			d.Attempts, d.Reason = 1, models.ReasonSuspended
			e := models.DestinationEffect{Destination: models.BotDestination("bot_1"), AccountID: mine.id}
			if i%2 == 0 {
				e.SuspendFor, e.Alarm = "gone", alarm("exception.bot_suspended")
			} else {
				e.Warning = alarm("exception.bot_failing")
			}
			_, err := mine.s.Deliveries().FinishAttempt(context.WithoutCancel(t.Context()), models.AttemptEnd{
				Attempt:  models.Attempt{DeliveryID: d.ID, Number: 1, Outcome: models.OutcomeMisconfigured},
				Delivery: d, Destination: e,
			})
			return err
		}) {
			require.NoError(t, err)
		}
		for _, key := range []string{"exception.bot_suspended", "exception.bot_failing"} {
			rows, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{Type: key}, store.Page{})
			require.NoError(t, err)
			assert.Len(t, rows, 1, key)
		}
	})
}

func TestManySubmissionsWithOneExternalIDAreOneNotification(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for _, err := range atOnce(64, func(int) error {
			return mine.s.Write(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
				_, err := tx.Accept(t.Context(), []models.Acceptance{mine.draft(func(n *models.Notification) { n.ExternalID = "one" })})
				return err
			})
		}) {
			require.NoError(t, err)
		}
		rows, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		assert.Len(t, rows, 1)
	})
}

func TestCancellingWhileWorkersFinishLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, _ tenant) {
		for range 10 {
			n, open := mine.planned(t, nil)
			require.True(t, mine.begin(t, open[0], 1))
			require.True(t, mine.begin(t, open[1], 1))
			for _, err := range atOnce(3, func(i int) error {
				if i == 2 {
					return mine.s.Write(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
						_, _, err := tx.In(mine.id).Notifications().Cancel(t.Context(), n.ID)
						return err
					})
				}
				d := open[i]
				d.Attempts, d.Reason = 1, "busy"
				_, err := mine.s.Deliveries().FinishAttempt(context.WithoutCancel(t.Context()), models.AttemptEnd{
					Attempt:  models.Attempt{DeliveryID: d.ID, Number: 1, Outcome: models.OutcomeRetry},
					Delivery: d,
				})
				return err
			}) {
				require.NoError(t, err)
			}
			r := mine.report(t, n.ID)
			assert.Equal(t, models.StatusCancelled, r.Notification.Status)
			for _, d := range r.Deliveries {
				assert.True(t, d.State.Final(), "%s is %s", d.Slot, d.State)
			}
		}
	})
}

func TestAnExternalIDIsOneSubmissionsWhateverBecomesOfTheOthers(t *testing.T) {
	t.Parallel()
	counted := func(key string) func(tenant) models.Acceptance {
		return func(mine tenant) models.Acceptance { return mine.event(key, nil) }
	}
	single := func(mine tenant) models.Acceptance { return mine.draft(nil) }
	for name, pair := range map[string][2]func(tenant) models.Acceptance{
		"counted and single":         {counted("open"), single},
		"single and counted":         {single, counted("open")},
		"counted in two windows":     {counted("open"), counted("other")},
		"counted and a window's one": {counted("open"), counted("new")},
		"single, both":               {single, single},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onTenants(t, func(t *testing.T, mine, _ tenant) {
				mine.submit(t, "open", nil)
				mine.submit(t, "other", nil)
				results := mine.submitWhileOpen(t, pair[0](mine), pair[1](mine))
				var conflicts, accepted int
				for _, r := range results {
					if models.CodeOf(r.Refusal) == models.CodeConflict {
						conflicts++
					} else if r.Notification.ID != "" {
						accepted++
					}
				}
				assert.Equal(t, 1, accepted, "one of the contents has the external id: %+v", results)
				assert.Equal(t, 1, conflicts, "and the other one is told: %+v", results)
			})
		})
	}
}

// submitWhileOpen submits different contents under one external id: each transaction
// is still open when the others submit, as far as the database lets them.
func (n tenant) submitWhileOpen(t *testing.T, list ...models.Acceptance) []models.Submitted {
	t.Helper()
	results := make([]models.Submitted, len(list))
	var met sync.WaitGroup
	met.Add(len(list))
	for _, err := range atOnce(len(list), func(i int) error {
		list[i].Notification.ExternalID, list[i].Notification.Fingerprint = "shared", []byte{byte(i)}
		first := true
		return n.s.Write(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
			out, err := tx.Submit(t.Context(), list[i:i+1])
			if first {
				first = false
				met.Done()
				waitBriefly(&met)
			}
			if err == nil {
				results[i] = out[0]
			}
			return err
		})
	}) {
		require.NoError(t, err)
	}
	return results
}
