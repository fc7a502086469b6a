package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// failingScene is a world whose messages live for two hours, too short for any of them to
// exhaust its schedule.
func failingScene(t *testing.T) *scene {
	t.Helper()
	w := world.New(t)
	hook(w)
	return &scene{World: w, t: t, a: w.Activities(activities.Config{})}
}

// submit has a notification planned that lives for two hours.
func (s *scene) submit() {
	s.t.Helper()
	s.id = s.Accept(func(n *models.Notification) { n.ExpiresAt = s.Now().Add(2 * time.Hour) }).ID
	s.plan()
}

// notices counts what the account was told of its bots, by type.
func (s *scene) notices(key string) int {
	s.t.Helper()
	told, _, err := s.Store.In(s.Account).Notifications().List(s.t.Context(), store.NotificationFilter{Type: key}, store.Page{})
	require.NoError(s.t, err)
	return len(told)
}

// health is what is known of the bot.
func (s *scene) health() models.DestinationState {
	s.t.Helper()
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	states, err := s.Store.In(s.Account).Destinations().States(s.t.Context(), models.BotDestination(d.BotID))
	require.NoError(s.t, err)
	return states[models.BotDestination(d.BotID)]
}

func TestDED1BotThatTakesNothingForTwoDaysIsSuspendedAfterThreeNotices(t *testing.T) {
	t.Parallel()
	s := failingScene(t)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "server_error")))
	start := s.Now()
	told := map[time.Duration][2]int{}
	for hour := time.Duration(0); hour <= 48*time.Hour; hour += 6 * time.Hour {
		s.SetClock(func() time.Time { return start.Add(hour) })
		s.submit()
		if hour == 48*time.Hour {
			s.attempt(models.ChannelWebhook)
		} else {
			s.until(models.ChannelWebhook)
		}
		told[hour] = [2]int{s.notices(models.TypeBotFailing), s.notices(models.TypeBotSuspended)}
	}
	assert.Equal(t, [2]int{1, 0}, told[0], "the first hours")
	assert.Equal(t, [2]int{1, 0}, told[18*time.Hour], "nobody hears of it each time")
	assert.Equal(t, [2]int{2, 0}, told[24*time.Hour])
	assert.Equal(t, [2]int{2, 0}, told[42*time.Hour])
	assert.Equal(t, [2]int{2, 1}, told[48*time.Hour])
	state := s.health()
	require.NotNil(t, state.SuspendedAt)
	assert.Equal(t, models.ReasonExhausted, state.Reason)
	require.NotNil(t, state.FailingSince)
	assert.WithinDuration(t, start, *state.FailingSince, time.Minute)

	s.Write(func(ctx context.Context, tx *store.Tx) error {
		d, _ := s.Delivery(s.id, models.ChannelWebhook)
		return tx.In(s.Account).Bots().Resume(ctx, d.BotID)
	})
	assert.Nil(t, s.health().FailingSince, "whoever resumes it gives it another two days")
}

func TestOneSuccessBeginsTheTwoDaysAnew(t *testing.T) {
	t.Parallel()
	s := failingScene(t)
	start := s.Now()
	for hour := time.Duration(0); hour <= 48*time.Hour; hour += 6 * time.Hour {
		s.SetClock(func() time.Time { return start.Add(hour) })
		answer := world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "server_error"))
		if hour == 30*time.Hour {
			answer = world.Always(models.ChannelWebhook, nil)
		}
		s.Sink.Answer(answer)
		s.submit()
		s.until(models.ChannelWebhook)
	}
	state := s.health()
	assert.Nil(t, state.SuspendedAt)
	require.NotNil(t, state.FailingSince)
	assert.WithinDuration(t, start.Add(36*time.Hour), *state.FailingSince, time.Minute)
}

// A call that began before another one succeeded must not suspend what works.
func TestCallThatFailsAfterAnotherSucceededSuspendsNothing(t *testing.T) {
	t.Parallel()
	s := failingScene(t)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "server_error")))
	start := s.Now()
	for hour := time.Duration(0); hour < 48*time.Hour; hour += 6 * time.Hour {
		s.SetClock(func() time.Time { return start.Add(hour) })
		s.submit()
		s.until(models.ChannelWebhook)
	}
	s.SetClock(func() time.Time { return start.Add(48 * time.Hour) })
	s.submit()
	slow := s.id
	s.submit()
	other, _ := s.Delivery(s.id, models.ChannelWebhook)
	s.id = slow
	calls := 0
	s.Sink.Answer(func(ctx context.Context, _ world.Call) *channels.Error {
		if calls++; calls > 1 {
			return nil
		}
		r, err := s.a.Attempt(ctx, activities.AttemptInput{AccountID: s.Account, DeliveryID: other.ID})
		require.NoError(t, err)
		require.True(t, r.Done, "the other one arrives meanwhile")
		return world.Fail(channels.Retry, "server_error")
	})
	s.attempt(models.ChannelWebhook)
	state := s.health()
	assert.Nil(t, state.SuspendedAt)
	assert.Equal(t, 1, state.Failures)
}

// An endpoint that refuses for frequency is alive: that says nothing of its death.
func TestWaitsForItsLimitSuspendNoBot(t *testing.T) {
	t.Parallel()
	s := failingScene(t)
	start := s.Now()
	for hour := time.Duration(0); hour <= 48*time.Hour; hour += 6 * time.Hour {
		s.SetClock(func() time.Time { return start.Add(hour) })
		failure := world.Wait(time.Minute)
		if hour == 48*time.Hour {
			failure = world.Fail(channels.Retry, "server_error")
		}
		s.Sink.Answer(world.Always(models.ChannelWebhook, failure))
		s.submit()
		s.attempt(models.ChannelWebhook)
	}
	state := s.health()
	assert.Nil(t, state.SuspendedAt)
	require.NotNil(t, state.FailingSince)
	assert.WithinDuration(t, start.Add(48*time.Hour), *state.FailingSince, time.Minute, "the first failure is the last one")
	assert.Greater(t, state.Failures, 3)
}
