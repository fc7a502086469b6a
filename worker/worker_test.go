package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/tracing"
	"belfry.dev/belfry/worker"
)

// engine is a workflow engine that only remembers.
type engine struct {
	mu      sync.Mutex
	running map[string]bool
	calls   []string
	traces  []string
	down    bool
	// refused is whose calls fail.
	refused string
}

func newEngine() *engine { return &engine{running: map[string]bool{}} }

func (e *engine) call(what, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down || id == e.refused {
		return errors.New("no connection")
	}
	e.calls = append(e.calls, what+" "+id)
	if what == "start" || what == "wake" {
		e.running[id] = true
	}
	return nil
}

func (e *engine) Start(ctx context.Context, one models.Entity) error {
	e.mu.Lock()
	e.traces = append(e.traces, tracing.Carry(ctx))
	e.mu.Unlock()
	return e.call("start", one.ID)
}

func (e *engine) Wake(_ context.Context, one models.Entity) error {
	return e.call("wake", one.ID)
}

func (e *engine) Runs(_ context.Context, one models.Entity) (bool, error) {
	if err := e.call("ask", one.ID); err != nil {
		return false, err
	}
	return e.running[one.ID], nil
}

// forget loses all workflows, and returns what was started since then.
func (e *engine) forget() {
	e.running, e.calls = map[string]bool{}, nil
}

func (e *engine) started() (ids []string) {
	for id := range e.running {
		ids = append(ids, id)
	}
	return ids
}

// plan does what the workflow's first step would.
func plan(t *testing.T, w *world.World, id string) {
	t.Helper()
	_, err := w.Activities(world.Config()).Plan(t.Context(), activities.NotificationRef{AccountID: w.Account, NotificationID: id})
	require.NoError(t, err)
}

func hook(w *world.World) {
	w.AddProvider(models.ChannelWebhook, "http")
	w.AddBot("hook")
}

func TestDispatcherStartsWhatWasAcceptedWhileTheEngineWasDown(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	id := w.Accept(nil).ID
	dispatch := func() { worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store.Wakeups(), e) }
	e.down = true
	for range 10 {
		w.Advance(3 * time.Second)
		dispatch()
	}
	e.down = false
	w.Advance(5 * time.Second)
	dispatch()
	assert.Equal(t, []string{"start " + id}, e.calls)
	w.Advance(10 * time.Second)
	dispatch()
	assert.Len(t, e.calls, 1, "what was started is left alone")
	w.Advance(time.Minute)
	dispatch()
	assert.Len(t, e.calls, 2, "unless it is still not planned")
	plan(t, w, id)
	w.Advance(time.Hour)
	dispatch()
	assert.Len(t, e.calls, 2)
}

func TestDispatcherGoesOnWithTheTrace(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	const carried = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	w.Trace = carried
	w.Accept(nil)
	w.Advance(time.Minute)
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store.Wakeups(), e)
	assert.Equal(t, []string{carried}, e.traces)
}

func TestDispatcherTellsOfCancellations(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	due := w.Now().Add(time.Hour)
	id := w.Accept(func(n *models.Notification) { n.ScheduleAt = &due }).ID
	w.Cancel(id)
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store.Wakeups(), e)
	assert.Equal(t, []string{"wake " + id}, e.calls)
	w.Advance(time.Hour)
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store.Wakeups(), e)
	assert.Len(t, e.calls, 1, "a cancelled notification has no start any more")
}

func TestSeveralDispatchersDoNoHarm(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	for range 30 {
		w.Accept(nil)
	}
	w.Advance(time.Minute)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { worker.Dispatch(t.Context(), worker.DispatchConfig{Batch: 7}, w.Store.Wakeups(), e) })
	}
	all.Wait()
	assert.Len(t, e.running, 30)
	assert.Len(t, e.calls, 30)
}

func TestReconcilerLeavesAloneWhatRuns(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	hook(w)
	due := w.Now().Add(24 * time.Hour)
	id := w.Accept(func(n *models.Notification) { n.ScheduleAt, n.ExpiresAt = &due, due.Add(time.Hour) }).ID
	e.running[id] = true
	w.Advance(5 * time.Minute)
	worker.Reconcile(t.Context(), worker.ReconcileConfig{}, w.Store.Wakeups(), e)
	assert.NotContains(t, e.calls, "start "+id)
}

func TestReconcilerRebuildsEverythingAfterTheEngineLostItsMemory(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	hook(w)
	open := map[string]bool{}
	for i := range 20 {
		due := w.Now().Add(time.Duration(i+1) * 24 * time.Hour)
		n := w.Accept(func(n *models.Notification) {
			n.ScheduleAt, n.ExpiresAt, n.CreatedAt = &due, due.Add(time.Hour), time.Time{}
		})
		open[n.ID] = true
	}
	finished := w.Accept(func(n *models.Notification) { n.Type = "no.such.thing" })
	w.Cancel(finished.ID)
	e.forget()
	worker.Reconcile(t.Context(), worker.ReconcileConfig{Batch: 6}, w.Store.Wakeups(), e)
	assert.Empty(t, e.started(), "what was accepted just now may not have been started yet")
	w.Advance(5 * time.Minute)
	worker.Reconcile(t.Context(), worker.ReconcileConfig{Batch: 6}, w.Store.Wakeups(), e)
	for _, id := range e.started() {
		assert.True(t, open[id], "%s is final: it must not be started", id)
	}
	assert.Len(t, e.started(), len(open))
}

func TestReconcilerStartsWhatIsOverdue(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	hook(w)
	id, other := w.Accept(nil).ID, w.Accept(nil).ID
	plan(t, w, id)
	plan(t, w, other)
	w.Advance(2 * time.Minute)
	e.running = map[string]bool{other: true}
	reconcile := worker.Reconciler(worker.ReconcileConfig{Sample: 1}, w.Store.Wakeups(), e)
	reconcile(t.Context())
	assert.Contains(t, e.calls, "wake "+id)
	assert.Contains(t, e.calls, "wake "+other)
	e.calls, e.running = nil, map[string]bool{other: true}
	reconcile(t.Context())
	assert.Contains(t, e.calls, "start "+id, "it was ended again")
	assert.NotContains(t, e.calls, "wake "+other, "it is still late: signals would pile up")
	assert.NotContains(t, e.calls, "start "+other, "it runs: starting it would leave a history behind")
}

func TestReconcilerLeavesAloneWhatWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	for range 3 {
		w.Accept(func(n *models.Notification) { n.Source = models.SourceAnnouncement })
	}
	w.Advance(48 * time.Hour)
	worker.Reconcile(t.Context(), worker.ReconcileConfig{}, w.Store.Wakeups(), e)
	assert.Empty(t, e.started(), "the outbox has them started, a few at a time")
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store.Wakeups(), e)
	assert.Len(t, e.started(), 3)
}

func TestEntitiesDoNotWaitForAnEmptyUrgentLane(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	for range 12 {
		w.Accept(nil)
	}
	w.Advance(time.Minute)
	o := &outbox{Outbox: w.Store.Wakeups(), due: []models.Wakeup{wakeup("inv_1")}}
	worker.Dispatch(t.Context(), worker.DispatchConfig{Batch: 5, Calls: 1}, o, e)
	assert.Equal(t, "wake inv_1", e.calls[5], "with the first batch")
	assert.Len(t, e.started(), 13)
}

// wakeup is one of an invitation.
func wakeup(id string) models.Wakeup {
	return models.Wakeup{EntityID: id, Call: models.CallWake, Kind: models.EntityInvitation, Lane: models.LaneEntities, AccountID: "acc_1"}
}

// ledger adds invitations to a store that has none.
type ledger struct {
	worker.Ledger
	now  func() time.Time
	open []models.Due
}

func (l *ledger) Now() time.Time { return l.now() }

func (l *ledger) OverdueEntities(_ context.Context, t models.EntityType, grace time.Duration, _ int) ([]models.Due, error) {
	var late []models.Due
	for _, d := range l.open {
		if t.Kind == models.EntityInvitation && d.NextAt.Before(l.now().Add(-grace)) {
			late = append(late, d)
		}
	}
	return late, nil
}

func (l *ledger) OpenEntities(_ context.Context, t models.EntityType, _ string, after models.Due, limit int) ([]models.Due, error) {
	var page []models.Due
	for _, d := range l.open {
		if t.Kind == models.EntityInvitation && d.ID > after.ID && len(page) < limit {
			page = append(page, d)
		}
	}
	return page, nil
}

func TestReconcilerRebuildsTheWorkflowsOfAllKinds(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	l := &ledger{Ledger: w.Store.Wakeups(), now: w.Now}
	for i := range 20 {
		next := w.Now().Add(time.Duration(i+1) * time.Hour)
		l.open = append(l.open, models.Due{ID: fmt.Sprintf("inv_%02d", i), AccountID: w.Account, NextAt: next})
		e.running[l.open[i].ID] = true
	}
	reconcile := func() { worker.Reconcile(t.Context(), worker.ReconcileConfig{Batch: 6}, l, e) }
	reconcile()
	assert.NotContains(t, e.calls, "wake inv_00", "what runs is left alone")
	l.open[0].NextAt = w.Now().Add(-time.Hour)
	reconcile()
	assert.Contains(t, e.calls, "wake inv_00", "what should have moved is looked at")
	assert.NotContains(t, e.calls, "wake inv_01")
	e.forget()
	l.open[0].NextAt = l.open[1].NextAt
	reconcile()
	assert.Len(t, e.started(), 20, "the engine lost its memory: everything is started again")
	e.calls = nil
	e.running["inv_00"] = false
	reconcile()
	assert.Contains(t, e.calls, "start inv_00")
	assert.NotContains(t, e.calls, "start inv_01", "what runs is not started, and gets no signal")
}

func TestDispatcherWakesEntities(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	o := &outbox{Outbox: w.Store.Wakeups(), due: []models.Wakeup{wakeup("inv_1")}}
	e.down = true
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, o, e)
	assert.Empty(t, o.done)
	e.down = false
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, o, e)
	assert.Equal(t, []string{"wake inv_1"}, e.calls)
	assert.Equal(t, []models.Wakeup{wakeup("inv_1")}, o.done)
}

func TestDispatcherReleasesWhatTheEngineWasToldOf(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	o := &outbox{Outbox: w.Store.Wakeups()}
	for i := range 80 { // several are released together
		o.due = append(o.due, wakeup(fmt.Sprintf("inv_%02d", i)))
	}
	all := o.due
	e.refused = "inv_40"
	worker.Dispatch(t.Context(), worker.DispatchConfig{Calls: 1}, o, e)
	assert.Equal(t, all[:40], o.done, "what comes after a failure waits for its next turn")
	e.refused, o.due, o.done = "", all, nil
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, o, e)
	assert.ElementsMatch(t, all, o.done)
}

// outbox adds these rows, which are claimed once more when they were not released.
type outbox struct {
	worker.Outbox
	due, done []models.Wakeup
}

func (o *outbox) ClaimWakeups(ctx context.Context, lease time.Duration, limit int) ([]models.Wakeup, error) {
	rows, err := o.Outbox.ClaimWakeups(ctx, lease, limit)
	return append(rows, o.due...), err
}

func (o *outbox) ReleaseWakeups(ctx context.Context, done []models.Wakeup, planWithin time.Duration) error {
	var others []models.Wakeup
	for _, w := range done {
		if w.Lane != models.LaneEntities {
			others = append(others, w)
			continue
		}
		o.done = append(o.done, w)
		o.due = slices.DeleteFunc(slices.Clone(o.due), func(each models.Wakeup) bool { return each.EntityID == w.EntityID })
	}
	return o.Outbox.ReleaseWakeups(ctx, others, planWithin)
}
