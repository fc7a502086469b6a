package workflows_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/workflows"
)

// brokenStore fails while it is told to.
type brokenStore struct {
	activities.Store
	down  atomic.Bool
	calls atomic.Int64
}

func (b *brokenStore) fail() error {
	if !b.down.Load() {
		return nil
	}
	b.calls.Add(1)
	return models.Errorf(models.CodeUnavailable, "down for %s", "billing@acme.example")
}

func (b *brokenStore) OpenNotification(ctx context.Context, account models.AccountID, id string) (models.Notification, error) {
	if err := b.fail(); err != nil {
		return models.Notification{}, err
	}
	return b.Store.OpenNotification(ctx, account, id)
}

func (b *brokenStore) BeginAttempt(ctx context.Context, a models.Attempt, notification string, merged ...string) (bool, error) {
	if err := b.fail(); err != nil {
		return false, err
	}
	return b.Store.BeginAttempt(ctx, a, notification, merged...)
}

func (b *brokenStore) FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error) {
	if err := b.fail(); err != nil {
		return models.Progress{}, err
	}
	return b.Store.FinishAttempt(ctx, end)
}

// withBrokenStore lets the test break the database of the activities.
func withBrokenStore(s *stage) *brokenStore {
	b := &brokenStore{}
	s.Wrap = func(db activities.Store) activities.Store {
		b.Store = db
		return b
	}
	return b
}

func TestNothingIsSentThatCannotBeRecordedFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	db := withBrokenStore(s)
	s.accept(nil)
	s.open()
	db.down.Store(true)
	s.at(3*time.Minute, func() { // the test environment repeats an activity ten times at most
		assert.Empty(t, s.Sink.Calls(""), "the database was down all the time")
		db.down.Store(false)
	})
	assert.Equal(t, models.StatusDelivered, s.run(), "it recovers alone")
	assert.Less(t, db.calls.Load(), int64(100), "a database that is down is not hammered")
}

func TestOutcomeThatCannotBeRecordedBecomesUnknown(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	db := withBrokenStore(s)
	s.accept(nil)
	s.Sink.Answer(func(context.Context, world.Call) *channels.Error {
		db.down.Store(len(s.Sink.Calls("")) == 1) // sent, and then the database goes away
		return nil
	})
	s.open()
	s.at(2*time.Minute, func() { db.down.Store(false) })
	assert.Equal(t, models.StatusDelivered, s.run())
	_, attempts := s.Delivery(s.id, models.ChannelWebhook)
	require.Len(t, attempts, 2)
	assert.Equal(t, models.OutcomeUnknown, attempts[0].Outcome, "the copy is visible")
	assert.Equal(t, s.Sink.Calls("")[0].Message.Key, s.Sink.Calls("")[1].Message.Key)
}

func TestATextMessageWhoseOutcomeCannotBeRecordedIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(w *world.World) { w.AddProvider(models.ChannelSMS, "sms"); w.AddPhone() })
	db := withBrokenStore(s)
	s.accept(nil)
	s.Sink.Answer(func(context.Context, world.Call) *channels.Error {
		db.down.Store(true)
		return nil
	})
	s.open()
	s.at(2*time.Minute, func() { db.down.Store(false) })
	assert.Equal(t, models.StatusFailed, s.run())
	assert.Len(t, s.Sink.Calls(models.ChannelSMS), 1)
	d, attempts := s.Delivery(s.id, models.ChannelSMS)
	assert.Equal(t, models.ReasonUnknown, d.Reason)
	require.Len(t, attempts, 1)
	assert.Equal(t, models.OutcomeUnknown, attempts[0].Outcome)
}

func TestUnknownNotificationFailsWithoutContent(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.open()
	s.env.ExecuteWorkflow("Notification", workflows.NotificationInput{AccountID: s.Account, NotificationID: "ntf_0"})
	err := s.env.GetWorkflowError()
	require.Error(t, err)
	assert.Contains(t, err.Error(), string(models.CodeNotFound))
}

func TestFailuresCarryACodeOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	db := withBrokenStore(s)
	db.down.Store(true)
	s.accept(nil)
	_, err := s.Activities(s.cfg).Plan(t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: s.id})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "acme.example", "failures stand in histories")
	assert.Contains(t, err.Error(), string(models.CodeUnavailable))
}

func TestLongHistoryIsContinuedAsANewOne(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Wait(time.Hour)))
	s.accept(nil)
	s.open()
	s.at(90*time.Minute, func() { s.env.SetContinueAsNewSuggested(true) })
	s.env.ExecuteWorkflow("Notification", workflows.NotificationInput{AccountID: s.Account, NotificationID: s.id})
	err := s.env.GetWorkflowError()
	_, renewed := errors.AsType[*workflow.ContinueAsNewError](err)
	require.True(t, renewed, "got %v", err)
	at := s.env.Now()
	s.SetClock(func() time.Time { return at })
	s.env = nil
	s.Sink.Answer(world.Script(""))
	assert.Equal(t, models.StatusDelivered, s.run(), "the new execution goes on")
	assert.Len(t, s.Sink.Calls(models.ChannelEmail), 1)
}

// countingStore counts how often an activity looked at the database.
type countingStore struct {
	activities.Store
	looks atomic.Int64
}

func (c *countingStore) OpenNotification(ctx context.Context, account models.AccountID, id string) (models.Notification, error) {
	if c.looks.Add(1) > 100 {
		return models.Notification{}, models.NotFound() // ends a workflow that would never sleep
	}
	return c.Store.OpenNotification(ctx, account, id)
}

func (c *countingStore) Dispatch(ctx context.Context, account models.AccountID, deliveryID string) (models.Dispatch, error) {
	if c.looks.Add(1) > 100 {
		return models.Dispatch{}, models.NotFound()
	}
	return c.Store.Dispatch(ctx, account, deliveryID)
}

func TestClocksThatDifferNeitherSpinNorDelay(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"behind": -5 * time.Minute, "ahead": 5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, hook)
			db := &countingStore{}
			s.Wrap = func(real activities.Store) activities.Store {
				db.Store = real
				return db
			}
			busy := world.Fail(channels.Retry, "busy")
			s.Sink.Answer(world.Script(models.ChannelWebhook, busy, busy, busy))
			start := s.Now()
			s.open() // the engine's clock
			s.SetClock(func() time.Time { return s.env.Now().Add(skew) })
			due := start.Add(skew + time.Hour)
			s.accept(func(n *models.Notification) { n.ScheduleAt = &due })
			env := s.env
			assert.Equal(t, models.StatusDelivered, s.run())
			assert.Less(t, db.looks.Load(), int64(12), "an instant of another clock must not be waited for in a loop")
			assert.WithinDuration(t, start.Add(time.Hour+66*time.Second), env.Now(), time.Second, "waits are as long as they were meant to be")
		})
	}
}

// panickingStore breaks with the contents of a row in its words.
type panickingStore struct{ activities.Store }

func (panickingStore) NotificationTargets(context.Context, models.AccountID, string) (models.Targets, error) {
	panic("row of billing@acme.example")
}

func (panickingStore) Dispatch(context.Context, models.AccountID, string) (models.Dispatch, error) {
	panic("row of billing@acme.example")
}

func TestPanicsCarryACodeOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.Wrap = func(db activities.Store) activities.Store { return panickingStore{db} }
	s.accept(nil)
	a := s.Activities(s.cfg)
	_, planning := a.Plan(t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: s.id})
	_, delivering := a.Attempt(t.Context(), activities.AttemptInput{AccountID: s.Account, DeliveryID: "dlv_1"})
	for _, err := range []error{planning, delivering} {
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "acme.example", "failures stand in histories")
	}
}
