package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// tour is an announcement that goes through the accounts of a world on virtual time.
type tour struct {
	*world.World
	t        *testing.T
	accounts []models.AccountID
	id       string
	started  time.Time
	// renewed counts the executions that went on as another.
	renewed int
	events  []delayed
}

type delayed struct {
	after time.Duration
	do    func()
}

func newTour(t *testing.T, accounts int, change func(*announcement.Announcement)) *tour {
	t.Helper()
	w := world.New(t)
	all := append([]models.AccountID{w.Account}, w.AddAccounts("more", accounts-1)...)
	return &tour{World: w, t: t, accounts: all, started: w.Now(), id: w.Announcements().Create(change).ID}
}

// at does something so long after the beginning, and has the workflow look.
func (o *tour) at(after time.Duration, do func()) {
	o.events = append(o.events, delayed{after, do})
}

// move changes the announcement as a person would.
func (o *tour) move(fn func(announcement.Announcement) (announcement.Announcement, error)) func() {
	return func() { o.Announcements().Update(o.id, fn) }
}

// run runs the workflow, and those that it goes on as, to the end.
func (o *tour) run() announcement.Announcement {
	o.t.Helper()
	for {
		env := o.open()
		in := workflows.EntityInput{AccountID: models.Platform, ID: o.id}
		env.ExecuteWorkflow("Announcement", in)
		require.True(o.t, env.IsWorkflowCompleted(), "the workflow never ends")
		at := env.Now()
		o.SetClock(func() time.Time { return at })
		err := env.GetWorkflowError()
		if !workflow.IsContinueAsNewError(err) {
			require.NoError(o.t, err)
			return o.Announcements().ByID(o.id)
		}
		o.renewed++
	}
}

func (o *tour) open() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	begin := o.Now()
	env.SetStartTime(begin)
	env.SetTestTimeout(time.Minute)
	env.SetWorkerOptions(sdk.Options{DeadlockDetectionTimeout: time.Minute}) // a busy machine is no deadlock
	worker.Register(env, workflows.Policies{}, o.Activities(world.Config()))
	o.SetClock(env.Now)
	for _, each := range o.events {
		if after := o.started.Add(each.after).Sub(begin); after > 0 {
			env.RegisterDelayedCallback(func() { each.do(); env.SignalWorkflow("wake", nil) }, after)
		}
	}
	return env
}

// onceEach wants every account to have been told exactly once.
func (o *tour) onceEach() {
	o.t.Helper()
	for i, account := range o.accounts {
		require.Equal(o.t, 1, o.Announcements().Arrived(account), "messages of account %d", i)
	}
}

// tellings are when accounts were told, in order, since the beginning.
func (o *tour) tellings() []time.Duration {
	var at []time.Duration
	for _, account := range o.accounts {
		list, err := o.Store.In(account).Inbox("").After(o.t.Context(), 0, 10)
		require.NoError(o.t, err)
		for _, m := range list {
			at = append(at, m.CreatedAt.Sub(o.started).Round(time.Second))
		}
	}
	return at
}

func TestAnAnnouncementTellsEveryAccountOnce(t *testing.T) {
	t.Parallel()
	o := newTour(t, 450, nil)
	a := o.run()
	assert.Equal(t, announcement.Done, a.State)
	assert.Equal(t, int64(450), a.Accepted)
	o.onceEach()
	assert.Equal(t, a, o.run(), "started again, as the reconciler does")
	o.onceEach()
}

func TestAThrottledAnnouncementKeepsItsPace(t *testing.T) {
	t.Parallel()
	o := newTour(t, 7, func(a *announcement.Announcement) { a.PerMinute = 120 })
	assert.Equal(t, announcement.Done, o.run().State)
	second := time.Second
	assert.Equal(t, []time.Duration{0, 0, second, second, 2 * second, 2 * second, 3 * second}, o.tellings())

	slow := newTour(t, 4, func(a *announcement.Announcement) { a.PerMinute = 2 })
	assert.Equal(t, announcement.Done, slow.run().State)
	assert.Equal(t, []time.Duration{0, 30 * second, 60 * second, 90 * second}, slow.tellings())
}

func TestALongAnnouncementKeepsItsHistoryShort(t *testing.T) {
	t.Parallel()
	o := newTour(t, 250, func(a *announcement.Announcement) { a.PerMinute = 60 })
	assert.Equal(t, announcement.Done, o.run().State)
	assert.Equal(t, 1, o.renewed, "after 200 pages another execution goes on")
	o.onceEach()
	last := o.tellings()[249]
	assert.InDelta(t, 249, last.Seconds(), 2, "and keeps the pace")
}

func TestAScheduledAnnouncementWaitsForItsTime(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	due := w.Now().Add(30 * time.Hour)
	o := newTour(t, 3, func(a *announcement.Announcement) { a.ScheduleAt = &due })
	var late []models.AccountID
	o.at(time.Hour, func() { late = o.AddAccounts("late", 1) })
	assert.Equal(t, announcement.Done, o.run().State)
	o.accounts = append(o.accounts, late...)
	o.onceEach()
	for _, at := range o.tellings() {
		assert.Equal(t, 30*time.Hour, at)
	}
}

func TestPausedAnnouncementsGoOnWhereTheyStopped(t *testing.T) {
	t.Parallel()
	o := newTour(t, 8, func(a *announcement.Announcement) { a.PerMinute = 60 })
	pause := func(a announcement.Announcement) (announcement.Announcement, error) { return a.Paused("") }
	o.at(2500*time.Millisecond, o.move(pause))
	a := o.run()
	require.Equal(t, announcement.Paused, a.State, "the workflow ends: resuming starts another")
	assert.Equal(t, int64(3), a.Accepted)
	o.Advance(time.Hour)
	o.Announcements().Update(o.id, func(a announcement.Announcement) (announcement.Announcement, error) { return a.Resumed(o.Now()) })
	a = o.run()
	assert.Equal(t, announcement.Done, a.State)
	o.onceEach()
	assert.Equal(t, time.Hour, o.tellings()[3].Truncate(time.Hour))
	perMinute, _ := a.Speed(o.Now())
	assert.InDelta(t, 60, perMinute, 16, "the pause does not count")
}

func TestCancelledAnnouncementsTellNobodyElse(t *testing.T) {
	t.Parallel()
	o := newTour(t, 8, func(a *announcement.Announcement) { a.PerMinute = 60 })
	o.at(2500*time.Millisecond, o.move(func(a announcement.Announcement) (announcement.Announcement, error) { return a.Cancelled(o.Now()) }))
	a := o.run()
	assert.Equal(t, announcement.Cancelled, a.State)
	assert.Len(t, o.tellings(), 3)
	assert.Equal(t, a, o.run())
	assert.Len(t, o.tellings(), 3)

	due := o.Now().Add(time.Hour)
	early := newTour(t, 2, func(a *announcement.Announcement) { a.ScheduleAt = &due })
	early.at(time.Minute, early.move(func(a announcement.Announcement) (announcement.Announcement, error) { return a.Cancelled(early.Now()) }))
	assert.Equal(t, announcement.Cancelled, early.run().State)
	assert.Empty(t, early.tellings())
	assert.True(t, early.Now().Before(due), "nothing waits for a time that was cancelled")
}

func TestAnAnnouncementEndsAtItsTime(t *testing.T) {
	t.Parallel()
	ends := world.New(t).Now().Add(2500 * time.Millisecond)
	o := newTour(t, 8, func(a *announcement.Announcement) { a.PerMinute, a.ExpiresAt = 60, &ends })
	assert.Equal(t, announcement.Expired, o.run().State)
	assert.Len(t, o.tellings(), 3)
	list, _, err := o.Store.In(o.accounts[0]).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	assert.Equal(t, ends, list[0].ExpiresAt, "what it made ends with it")
}

func TestAnAnnouncementStopsWhereItMayNotGoOn(t *testing.T) {
	t.Parallel()
	o := newTour(t, 6, nil)
	p := models.Product{Name: "shop", Types: []string{"*"}, Accounts: []string{"*"}, Enabled: true}
	o.Write(func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Products().Create(ctx, &p) })
	change := func(fn func(*models.Product)) func() {
		return func() {
			o.Write(func(ctx context.Context, tx *store.Tx) error {
				_, _, err := tx.Platform().Products().Update(ctx, p.ID, 0, func(p *models.Product) error { fn(p); return nil })
				return err
			})
		}
	}
	o.id = o.Announcements().Create(func(a *announcement.Announcement) { a.ProductID, a.PerMinute = p.ID, 60 }).ID
	o.at(1500*time.Millisecond, change(func(p *models.Product) { p.Types = []string{"account.*"} }))
	a := o.run()
	assert.Equal(t, announcement.Paused, a.State)
	assert.Equal(t, announcement.ReasonProductRefused, a.Reason)
	assert.Len(t, o.tellings(), 2)
	change(func(p *models.Product) {
		p.Types, p.Accounts = []string{"*"}, []string{string(o.accounts[3]), string(o.accounts[4])}
	})()
	o.Announcements().Update(o.id, func(a announcement.Announcement) (announcement.Announcement, error) { return a.Resumed(o.Now()) })
	a = o.run()
	assert.Equal(t, announcement.Done, a.State)
	assert.Equal(t, []int64{4, 2, 0}, []int64{a.Accepted, a.Refused, a.Disabled})
}

// dying is a store whose process dies around pages: before one is committed, and
// after it.
type dying struct {
	activities.Store
	mu    sync.Mutex
	calls int
}

var errKilled = errors.New("killed")

func (d *dying) AdvanceAnnouncement(ctx context.Context, a announcement.Announcement, p announcement.Page) (announcement.Announcement, error) {
	d.mu.Lock()
	d.calls++
	call := d.calls
	d.mu.Unlock()
	if call%3 == 1 {
		return a, errKilled
	}
	after, err := d.Store.AdvanceAnnouncement(ctx, a, p)
	if err == nil && call%3 == 2 {
		return a, errKilled
	}
	return after, err
}

func TestADeathAtEveryPageNeitherSkipsNorRepeats(t *testing.T) {
	t.Parallel()
	o := newTour(t, 30, func(a *announcement.Announcement) { a.PerMinute = 60 })
	d := &dying{}
	o.Wrap = func(s activities.Store) activities.Store { d.Store = s; return d }
	a := o.run()
	assert.Equal(t, announcement.Done, a.State)
	assert.Equal(t, int64(30), a.Accepted)
	assert.Greater(t, d.calls, 40)
	o.onceEach()
}

// TestALostAnnouncementGoesOnFromItsRow begins a new execution at every page, as when
// the engine forgot the one before.
func TestALostAnnouncementGoesOnFromItsRow(t *testing.T) {
	t.Parallel()
	o := newTour(t, 12, func(a *announcement.Announcement) { a.PerMinute = 60 })
	for page := 0; !o.Announcements().ByID(o.id).State.Final(); page++ {
		require.Less(t, page, 40, "it does not go on")
		env := o.open()
		env.RegisterDelayedCallback(env.CancelWorkflow, 100*time.Millisecond)
		env.ExecuteWorkflow("Announcement", workflows.EntityInput{AccountID: models.Platform, ID: o.id})
		at := env.Now().Add(700 * time.Millisecond)
		o.SetClock(func() time.Time { return at })
	}
	o.onceEach()
}
