package workflows_test

import (
	"errors"
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

// quiet gives the account contact quiet hours; worlds begin at noon.
func quiet(w *world.World, from, to string) {
	w.Prefer(w.AccountContact().ID, func(p *models.Preferences) { p.QuietFrom, p.QuietTo, p.QuietZone = from, to, "UTC" })
}

// evening is when the quiet hours of these tests end.
func evening() time.Time { return time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) }

// warned is a notification that can wait, with the life that submitting gives it.
func (s *stage) warned() {
	s.t.Helper()
	kind, err := s.Store.Catalogue().CurrentMessageType(s.t.Context(), world.Type)
	require.NoError(s.t, err)
	s.accept(func(n *models.Notification) {
		n.Severity, n.ExpiresAt = models.SeverityWarning, s.Now().Add(time.Duration(kind.DeadlineSeconds)*time.Second)
	})
}

func TestHeldDeliveriesGoOutOnceWhenQuietHoursEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	quiet(s.World, "11:00", "20:00")
	s.warned()
	s.open()
	for i := range 5 { // somebody repairs something now and then
		s.at(time.Duration(i+1)*time.Hour, s.signal("wake"))
	}
	start := s.Now()
	assert.Equal(t, models.StatusDelivered, s.run())
	hooks := s.Sink.Calls(models.ChannelWebhook)
	require.Len(t, hooks, 1)
	assert.WithinDuration(t, start, hooks[0].At, time.Second, "bots have no quiet hours")
	for _, channel := range []models.Channel{models.ChannelEmail, models.ChannelSMS} {
		calls := s.Sink.Calls(channel)
		require.Len(t, calls, 1, channel)
		assert.False(t, calls[0].At.Before(evening()), "%s went out at %s", channel, calls[0].At)
		assert.WithinDuration(t, evening(), calls[0].At, 2*time.Second)
	}
}

func TestHeldDeliveriesSurviveALostWorkflow(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	quiet(s.World, "11:00", "20:00")
	s.warned()
	_, err := s.Activities(s.cfg).Plan(t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: s.id})
	require.NoError(t, err)
	s.Advance(3 * time.Hour) // the engine forgot it; the reconciler starts it again
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls(models.ChannelEmail)
	require.Len(t, calls, 1)
	assert.WithinDuration(t, evening(), calls[0].At, 2*time.Second)
}

func TestHeldDeliveriesAreContinuedByANewExecution(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	quiet(s.World, "11:00", "20:00")
	s.warned()
	s.open()
	s.at(3*time.Hour, func() {
		s.env.SetContinueAsNewSuggested(true)
		s.env.SignalWorkflow("wake", nil)
	})
	s.env.ExecuteWorkflow("Notification", workflows.NotificationInput{AccountID: s.Account, NotificationID: s.id})
	_, renewed := errors.AsType[*workflow.ContinueAsNewError](s.env.GetWorkflowError())
	require.True(t, renewed, "got %v", s.env.GetWorkflowError())
	require.Empty(t, s.Sink.Calls(models.ChannelEmail), "the hold is not over")
	at := s.env.Now()
	s.SetClock(func() time.Time { return at })
	s.env = nil
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls(models.ChannelEmail)
	require.Len(t, calls, 1)
	assert.WithinDuration(t, evening(), calls[0].At, 2*time.Second)
	assert.Len(t, s.Sink.Calls(models.ChannelWebhook), 1)
}

func TestCancellingEndsWhatIsHeldAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(w *world.World) { w.AddProvider(models.ChannelEmail, "mail") })
	quiet(s.World, "11:00", "20:00")
	s.warned()
	s.open()
	s.at(time.Hour, func() { s.Cancel(s.id); s.signal("cancel")() })
	assert.Equal(t, models.StatusCancelled, s.run())
	assert.True(t, s.Now().Before(evening()))
	assert.Empty(t, s.Sink.Calls(""))
}

func TestARetryDoesNotFallIntoQuietHours(t *testing.T) {
	t.Parallel()
	s := newStage(t, everywhere)
	quiet(s.World, "12:01", "20:00")
	busy := []*channels.Error{world.Fail(channels.Retry, "a"), world.Fail(channels.Retry, "b"), world.Fail(channels.Retry, "c")}
	s.Sink.Answer(world.Script(models.ChannelEmail, busy...))
	s.warned()
	start := s.Now()
	assert.Equal(t, models.StatusDelivered, s.run())
	calls := s.Sink.Calls(models.ChannelEmail)
	require.Len(t, calls, 4)
	assert.Less(t, calls[2].At.Sub(start), time.Minute, "the first three are before the night")
	assert.WithinDuration(t, evening(), calls[3].At, 2*time.Second, "the fourth would have been in it")
}
