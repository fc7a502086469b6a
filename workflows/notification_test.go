package workflows_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// stage is one run of the workflow on virtual time over a world.
type stage struct {
	*world.World
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment
	cfg activities.Config
	id  string
}

func newStage(t *testing.T, prepare func(*world.World)) *stage {
	t.Helper()
	w := world.New(t)
	if prepare != nil {
		prepare(w)
	}
	return &stage{World: w, t: t, cfg: world.Config()}
}

// accept stores the notification that the next run is about.
func (s *stage) accept(change func(*models.Notification)) {
	s.t.Helper()
	s.id = s.Accept(change).ID
}

// open prepares a run: its clock begins where the world's stands, and the world
// follows it.
func (s *stage) open() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	s.env = suite.NewTestWorkflowEnvironment()
	s.env.SetStartTime(s.Now())
	s.env.SetTestTimeout(time.Minute)
	s.env.SetWorkerOptions(sdk.Options{DeadlockDetectionTimeout: time.Minute}) // a busy machine is no deadlock
	worker.Register(s.env, workflows.Policies{}, s.Activities(s.cfg))
	s.SetClock(func() time.Time { return s.env.Now() })
}

// at does something when the time has passed, at the latest before the end.
func (s *stage) at(after time.Duration, do func()) { s.env.RegisterDelayedCallback(do, after) }

// run runs the workflow to its end and returns how it ended.
func (s *stage) run() models.NotificationStatus {
	s.t.Helper()
	if s.env == nil {
		s.open()
	}
	s.env.ExecuteWorkflow("Notification", workflows.NotificationInput{AccountID: s.Account, NotificationID: s.id})
	require.True(s.t, s.env.IsWorkflowCompleted(), "the workflow never ends")
	require.NoError(s.t, s.env.GetWorkflowError())
	var r workflows.NotificationResult
	require.NoError(s.t, s.env.GetWorkflowResult(&r))
	at := s.env.Now()
	s.SetClock(func() time.Time { return at })
	s.env = nil
	assert.Equal(s.t, s.Report(s.id).Notification.Status, r.Status, "the workflow and the database must agree")
	return r.Status
}

// ends maps each outward slot's channel to the state and reason it ended in.
func (s *stage) ends() map[models.Channel]string {
	out := map[models.Channel]string{}
	for _, d := range s.Report(s.id).Deliveries {
		if d.Channel != models.ChannelInbox {
			out[d.Channel] = strings.TrimSpace(string(d.State) + " " + d.Reason)
		}
	}
	return out
}

func (s *stage) signal(name string) func() {
	return func() { s.env.SignalWorkflow(name, nil) }
}

func everywhere(w *world.World) {
	w.AddProvider(models.ChannelEmail, "mail")
	w.AddProvider(models.ChannelSMS, "sms")
	w.AddProvider(models.ChannelWebhook, "http")
	w.AddPhone()
	w.AddBot("hook")
}

func hook(w *world.World) {
	w.AddProvider(models.ChannelWebhook, "http")
	w.AddBot("hook")
}

func TestNotificationReachesEverybody(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.accept(nil)
	start := s.Now()
	s.open()
	s.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		assert.Fail(t, "a normal activity", "%s: what works at once takes local ones only", info.ActivityType.Name)
	})
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Len(t, s.Sink.Calls(""), 3)
	for _, c := range s.Sink.Calls("") {
		assert.WithinDuration(t, start, c.At, time.Second)
	}
}

func TestInboxOnlyNotificationEndsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, nil)
	s.accept(nil)
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.NotEmpty(t, s.Report(s.id).MessageID)
}

func TestRetriesFollowTheScheduleThenGiveUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "http_503")))
	s.accept(nil)
	start := s.Now()
	assert.Equal(t, models.StatusPartial, s.run())
	assert.Equal(t, "failed attempts_exhausted", s.ends()[models.ChannelWebhook])
	var after []time.Duration
	for _, c := range s.Sink.Calls(models.ChannelWebhook) {
		after = append(after, c.At.Sub(start).Round(time.Second))
	}
	assert.Equal(t, []time.Duration{0, time.Second, 6 * time.Second, 66 * time.Second}, after)
	assert.Len(t, s.Sink.Calls(models.ChannelEmail), 1, "others do not wait for it")
}

func TestRateLimitIsHonoured(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.Sink.Answer(world.Script(models.ChannelWebhook, world.Wait(7*time.Second), world.Wait(90*time.Second)))
	s.accept(nil)
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls(models.ChannelWebhook)
	require.Len(t, calls, 3)
	assert.GreaterOrEqual(t, calls[1].At.Sub(calls[0].At), 7*time.Second)
	assert.GreaterOrEqual(t, calls[2].At.Sub(calls[1].At), 90*time.Second)
}

func TestScheduledNotificationWaitsForItsTime(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	due := s.Now().Add(5 * time.Hour)
	s.accept(func(n *models.Notification) { n.ScheduleAt = &due })
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls("")
	require.Len(t, calls, 1)
	assert.False(t, calls[0].At.Before(due))
	assert.WithinDuration(t, due, calls[0].At, time.Second)
	assert.NotEmpty(t, s.Report(s.id).MessageID)
}

func TestCancellingBeforeItIsDueSendsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	due := s.Now().Add(5 * time.Hour)
	s.accept(func(n *models.Notification) { n.ScheduleAt = &due })
	s.open()
	s.at(time.Hour, func() { s.Cancel(s.id); s.signal("cancel")() })
	assert.Equal(t, models.StatusCancelled, s.run())
	assert.Empty(t, s.Sink.Calls(""))
	assert.True(t, s.Now().Before(due), "the workflow must not wait for the time that was cancelled")
}

func TestCancellingWhileItWaitsEndsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Wait(time.Hour)))
	s.accept(nil)
	s.open()
	s.at(time.Minute, func() { s.Cancel(s.id); s.signal("cancel")() })
	start := s.Now()
	assert.Equal(t, models.StatusCancelled, s.run())
	assert.Less(t, s.Now().Sub(start), 2*time.Minute)
	assert.Equal(t, "cancelled cancelled", s.ends()[models.ChannelWebhook])
}

func TestTimeToLiveEndsWhatWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Misconfigured, "auth")))
	s.accept(func(n *models.Notification) { n.ExpiresAt = s.Now().Add(2 * time.Hour) })
	expires := s.Now().Add(2 * time.Hour)
	assert.Equal(t, models.StatusFailed, s.run())
	assert.Equal(t, "failed destination_suspended", s.ends()[models.ChannelWebhook])
	assert.Len(t, s.Sink.Calls(""), 1)
	assert.WithinDuration(t, expires, s.Now(), time.Second)
}

func TestRepairedDestinationIsUsedAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.Sink.Answer(world.Script(models.ChannelWebhook, world.Fail(channels.Misconfigured, "auth")))
	s.accept(nil)
	s.open()
	s.at(3*time.Hour+time.Second, func() {
		d, _ := s.Delivery(s.id, models.ChannelWebhook)
		s.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(s.Account).Bots().Resume(ctx, d.BotID) })
		s.signal("wake")()
	})
	start := s.Now()
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Less(t, s.Now().Sub(start), 3*time.Hour+time.Minute)
}

func TestRepairIsNoticedWithoutASignal(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.Sink.Answer(world.Script(models.ChannelWebhook, world.Fail(channels.Misconfigured, "auth")))
	s.accept(nil)
	s.open()
	s.at(3*time.Hour+time.Second, func() {
		d, _ := s.Delivery(s.id, models.ChannelWebhook)
		s.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(s.Account).Bots().Resume(ctx, d.BotID) })
	})
	start := s.Now()
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Less(t, s.Now().Sub(start), 3*time.Hour+6*time.Minute)
}

func TestWakingDoesNotShortenABackOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.Sink.Answer(world.Script(models.ChannelWebhook, world.Fail(channels.Retry, "a"), world.Fail(channels.Retry, "b"), world.Fail(channels.Retry, "c")))
	s.accept(nil)
	s.open()
	for i := range 5 {
		s.at(time.Duration(7+10*i)*time.Second, s.signal("wake"))
	}
	start := s.Now()
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls("")
	require.Len(t, calls, 4)
	assert.GreaterOrEqual(t, calls[3].At.Sub(start), 66*time.Second)
}

func TestResentDeliveryIsPickedUpByTheRunningWorkflow(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.Sink.Answer(func(_ context.Context, c world.Call) *channels.Error {
		switch {
		case c.Channel == models.ChannelWebhook && len(s.Sink.Calls(models.ChannelWebhook)) == 1:
			return world.Fail(channels.Permanent, "http_400")
		case c.Channel == models.ChannelEmail && len(s.Sink.Calls(models.ChannelEmail)) < 4:
			return world.Fail(channels.Retry, "busy")
		}
		return nil
	})
	s.accept(nil)
	s.open()
	s.at(10*time.Second, func() {
		s.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.In(s.Account).Notifications().Resend(ctx, s.id)
			return err
		})
		s.signal("wake")()
	})
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls(models.ChannelWebhook)
	require.Len(t, calls, 2)
	assert.Equal(t, calls[0].Message.Key, calls[1].Message.Key)
}

func TestFinishedNotificationIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.accept(nil)
	s.run()
	before := len(s.Sink.Calls(""))
	assert.Equal(t, models.StatusDelivered, s.run(), "started again, as the reconciler does")
	assert.Len(t, s.Sink.Calls(""), before)
}

func TestLostWorkflowGoesOnFromTheRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	s.accept(nil)
	a := s.Activities(s.cfg)
	_, err := a.Plan(t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: s.id})
	require.NoError(t, err)
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	_, err = a.Attempt(t.Context(), activities.AttemptInput{AccountID: s.Account, DeliveryID: d.ID})
	require.NoError(t, err)
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Len(t, s.Sink.Calls(models.ChannelWebhook), 1, "what was delivered is not repeated")
	assert.Len(t, s.Sink.Calls(models.ChannelEmail), 1)
}

func TestAbandonedAttemptIsResumedWithinAMinute(t *testing.T) {
	t.Parallel()
	s := newStage(t, hook)
	s.accept(nil)
	_, err := s.Activities(s.cfg).Plan(t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: s.id})
	require.NoError(t, err)
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	_, err = s.Store.Deliveries().BeginAttempt(t.Context(), models.Attempt{AccountID: s.Account, DeliveryID: d.ID, Number: 1}, s.id)
	require.NoError(t, err)
	start := s.Now()
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.LessOrEqual(t, s.Now().Sub(start), time.Minute)
	_, attempts := s.Delivery(s.id, models.ChannelWebhook)
	require.Len(t, attempts, 2)
	assert.Equal(t, models.OutcomeUnknown, attempts[0].Outcome)
	assert.Equal(t, d.ID, s.Sink.Calls("")[0].Message.Key)
}
