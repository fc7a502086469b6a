package worker_test

import (
	"context"
	"errors"
	"fmt"
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
	if what == "start" || what == "look" {
		e.running[id] = true
	}
	return nil
}

func (e *engine) StartNotification(ctx context.Context, _ models.AccountID, id string) error {
	e.mu.Lock()
	e.traces = append(e.traces, tracing.Carry(ctx))
	e.mu.Unlock()
	return e.call("start", id)
}

func (e *engine) CancelNotification(_ context.Context, _ models.AccountID, id string) error {
	return e.call("cancel", id)
}

func (e *engine) WakeNotification(_ context.Context, _ models.AccountID, id string) error {
	return e.call("wake", id)
}

func (e *engine) WakeSubject(_ context.Context, s models.Subject) error {
	return e.call("look", s.ID)
}

func (e *engine) SubjectRuns(_ context.Context, s models.Subject) (bool, error) {
	if err := e.call("ask", s.ID); err != nil {
		return false, err
	}
	return e.running[s.ID], nil
}

func (e *engine) NotificationRuns(_ context.Context, id string) (bool, error) {
	if err := e.call("ask", id); err != nil {
		return false, err
	}
	return e.running[id], nil
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
	dispatch := func() { worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store, e) }
	dispatch()
	assert.Empty(t, e.calls, "the accepting process comes first")
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
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store, e)
	assert.Equal(t, []string{carried}, e.traces)
}

func TestDispatcherTellsOfCancellations(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	due := w.Now().Add(time.Hour)
	id := w.Accept(func(n *models.Notification) { n.ScheduleAt = &due }).ID
	w.Cancel(id)
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store, e)
	assert.Equal(t, []string{"cancel " + id}, e.calls)
	w.Advance(time.Hour)
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store, e)
	assert.Len(t, e.calls, 1, "a cancelled notification is not started any more")
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
		all.Go(func() { worker.Dispatch(t.Context(), worker.DispatchConfig{Batch: 7}, w.Store, e) })
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
	worker.Reconcile(t.Context(), worker.ReconcileConfig{}, w.Store, e)
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
	worker.Reconcile(t.Context(), worker.ReconcileConfig{Batch: 6}, w.Store, e)
	assert.Empty(t, e.started(), "what was accepted just now may not have been started yet")
	w.Advance(5 * time.Minute)
	worker.Reconcile(t.Context(), worker.ReconcileConfig{Batch: 6}, w.Store, e)
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
	worker.Reconcile(t.Context(), worker.ReconcileConfig{Sample: 1}, w.Store, e)
	assert.Contains(t, e.calls, "start "+id)
	assert.NotContains(t, e.calls, "start "+other, "it is late, but it runs: starting it would leave a history behind")
}

func TestReconcilerLeavesAloneWhatWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	for range 3 {
		w.Accept(func(n *models.Notification) { n.Source = models.SourceAnnouncement })
	}
	w.Advance(48 * time.Hour)
	worker.Reconcile(t.Context(), worker.ReconcileConfig{}, w.Store, e)
	assert.Empty(t, e.started(), "the outbox has them started, a few at a time")
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, w.Store, e)
	assert.Len(t, e.started(), 3)
}

func TestWakeupsDoNotWaitForAnEmptyOutbox(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	for range 12 {
		w.Accept(nil)
	}
	w.Advance(time.Minute)
	o := &wakeups{Outbox: w.Store, due: []models.Wakeup{{SubjectID: "inv_1", Kind: models.SubjectInvitation, AccountID: w.Account}}}
	worker.Dispatch(t.Context(), worker.DispatchConfig{Batch: 5, Calls: 1}, o, e)
	assert.Equal(t, "look inv_1", e.calls[5], "after the first batch")
	assert.Len(t, e.started(), 13)
}

// ledger adds invitations to a store that has none.
type ledger struct {
	worker.Ledger
	now  func() time.Time
	open []models.Due
}

func (l *ledger) Now() time.Time { return l.now() }

func (l *ledger) SubjectKinds() []models.SubjectKind {
	return []models.SubjectKind{models.SubjectInvitation}
}

func (l *ledger) OverdueSubjects(_ context.Context, _ models.SubjectKind, grace time.Duration, _ int) ([]models.Due, error) {
	var late []models.Due
	for _, d := range l.open {
		if d.NextAt.Before(l.now().Add(-grace)) {
			late = append(late, d)
		}
	}
	return late, nil
}

func (l *ledger) OpenSubjects(_ context.Context, _ models.SubjectKind, after models.Due, limit int) ([]models.Due, error) {
	var page []models.Due
	for _, d := range l.open {
		if d.ID > after.ID && len(page) < limit {
			page = append(page, d)
		}
	}
	return page, nil
}

func TestReconcilerRebuildsTheWorkflowsOfSubjects(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	l := &ledger{Ledger: w.Store, now: w.Now}
	for i := range 20 {
		next := w.Now().Add(time.Duration(i+1) * time.Hour)
		l.open = append(l.open, models.Due{ID: fmt.Sprintf("inv_%02d", i), AccountID: w.Account, NextAt: &next})
		e.running[l.open[i].ID] = true
	}
	reconcile := func() { worker.Reconcile(t.Context(), worker.ReconcileConfig{Batch: 6}, l, e) }
	reconcile()
	assert.NotContains(t, e.calls, "look inv_00", "what runs is left alone")
	late := w.Now().Add(-time.Hour)
	l.open[0].NextAt = &late
	reconcile()
	assert.Contains(t, e.calls, "look inv_00", "what should have moved is looked at")
	assert.NotContains(t, e.calls, "look inv_01")
	e.forget()
	l.open[0].NextAt = l.open[1].NextAt
	reconcile()
	assert.Len(t, e.started(), 20, "the engine lost its memory: everything is started again")
}

func TestDispatcherWakesSubjects(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	o := &wakeups{Outbox: w.Store, due: []models.Wakeup{{SubjectID: "inv_1", Kind: models.SubjectInvitation, AccountID: w.Account}}}
	e.down = true
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, o, e)
	assert.Empty(t, o.done)
	e.down = false
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, o, e)
	assert.Equal(t, []string{"look inv_1"}, e.calls)
	assert.Equal(t, o.due, o.done)
}

func TestDispatcherReleasesWhatTheEngineWasToldOf(t *testing.T) {
	t.Parallel()
	w, e := world.New(t), newEngine()
	o := &wakeups{Outbox: w.Store}
	for i := range 80 { // several are released together
		o.due = append(o.due, models.Wakeup{SubjectID: fmt.Sprintf("inv_%02d", i), Kind: models.SubjectInvitation, AccountID: w.Account})
	}
	e.refused = "inv_40"
	worker.Dispatch(t.Context(), worker.DispatchConfig{Calls: 1}, o, e)
	assert.Equal(t, o.due[:40], o.done, "what comes after a failure waits for its next turn")
	e.refused, o.done = "", nil
	worker.Dispatch(t.Context(), worker.DispatchConfig{}, o, e)
	assert.ElementsMatch(t, o.due, o.done)
}

// wakeups is an outbox with these wake-ups.
type wakeups struct {
	worker.Outbox
	due, done []models.Wakeup
}

func (o *wakeups) ClaimWakeups(context.Context, time.Duration, int) ([]models.Wakeup, error) {
	return o.due, nil
}

func (o *wakeups) ReleaseWakeups(_ context.Context, done []models.Wakeup) error {
	o.done = append(o.done, done...)
	return nil
}
