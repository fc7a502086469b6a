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

func TestEndpointThatAlwaysRefusesForFrequencyIsCalledMoreAndMoreRarely(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Wait(time.Second)))
	start := s.Now()
	for range 400 {
		r := s.attempt(models.ChannelWebhook)
		if r.Done {
			break
		}
		s.SetClock(func() time.Time { return r.NextAt })
	}
	d, attempts := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, "failed rate_limited", string(d.State)+" "+d.Reason, "after %s", s.Now().Sub(start))
	assert.Less(t, len(attempts), 200, "a day of calls and rows every second is no service to anybody")
}

// WHK-7 with the schedule that ships: most types live for a day, less than it takes.
func TestWHK7EndpointIsSuspendedAlthoughTheDeadlineCutsTheSchedule(t *testing.T) {
	t.Parallel()
	for life, suspended := range map[time.Duration]bool{24 * time.Hour: true, 2 * time.Hour: false} {
		t.Run(life.String(), func(t *testing.T) {
			t.Parallel()
			w := world.New(t)
			hook(w)
			s := &scene{World: w, t: t, a: w.Activities(activities.Config{})}
			s.id = w.Accept(func(n *models.Notification) { n.ExpiresAt = w.Now().Add(life) }).ID
			s.plan()
			s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "server_error")))
			s.until(models.ChannelWebhook)
			d, _ := s.Delivery(s.id, models.ChannelWebhook)
			states, err := s.Store.In(s.Account).Destinations().States(t.Context(), models.BotDestination(d.BotID))
			require.NoError(t, err)
			assert.Equal(t, suspended, states[models.BotDestination(d.BotID)].SuspendedAt != nil)
			alarms, _, err := s.Store.In(s.Account).Notifications().List(t.Context(), store.NotificationFilter{Type: "exception.bot_suspended"}, store.Page{})
			require.NoError(t, err)
			assert.Equal(t, suspended, len(alarms) == 1, "its owner is told")
		})
	}
}

func TestOwnerIsToldAlthoughTheWorkerIsStopping(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	ctx, stop := context.WithCancel(t.Context())
	s.Sink.Answer(func(context.Context, world.Call) *channels.Error {
		stop()
		return world.Fail(channels.Misconfigured, "gone")
	})
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	_, err := s.a.Attempt(ctx, activities.AttemptInput{AccountID: s.Account, DeliveryID: d.ID})
	require.NoError(t, err)
	alarms, _, err := s.Store.In(s.Account).Notifications().List(t.Context(), store.NotificationFilter{Type: "exception.bot_suspended"}, store.Page{})
	require.NoError(t, err)
	assert.Len(t, alarms, 1, "a suspension that nobody hears of is never repaired")
}

func phone(w *world.World) {
	w.AddProvider(models.ChannelSMS, "gateway")
	w.AddPhone()
}

// TestProvidersOfEveryKindAreUsedByDeliveries: health said "unused" of those that write to
// bots, and of those that only ever refused recipients.
func TestProvidersOfEveryKindAreUsedByDeliveries(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]struct {
		channel models.Channel
		prepare func(*world.World)
		answer  *channels.Error
	}{
		"mail arrives":          {models.ChannelEmail, email, nil},
		"text arrives":          {models.ChannelSMS, phone, nil},
		"webhook arrives":       {models.ChannelWebhook, hook, nil},
		"mail is refused":       {models.ChannelEmail, email, world.Fail(channels.Permanent, "content_rejected")},
		"text is refused":       {models.ChannelSMS, phone, world.Fail(channels.Permanent, "recipient_invalid")},
		"webhook fails":         {models.ChannelWebhook, hook, world.Fail(channels.Retry, "server_error")},
		"webhook is suspended":  {models.ChannelWebhook, hook, world.Fail(channels.Misconfigured, "gone")},
		"webhook refuses often": {models.ChannelWebhook, hook, world.Fail(channels.RateLimited, "rate_limited")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, each.prepare)
			s.Sink.Answer(world.Always(each.channel, each.answer))
			s.attempt(each.channel)
			_, attempts := s.Delivery(s.id, each.channel)
			require.Len(t, attempts, 1)
			provider := models.ProviderDestination(attempts[0].ProviderID)
			states, err := s.Store.In(models.Platform).Destinations().States(t.Context(), provider)
			require.NoError(t, err)
			state := states[provider]
			if each.answer == nil {
				require.NotNil(t, state.LastSuccessAt)
				return
			}
			require.NotNil(t, state.LastFailureAt)
			require.Zero(t, state.Failures, "it is not the provider's fault")
			require.Nil(t, state.SuspendedAt)
			require.Nil(t, state.PausedUntil)
		})
	}
}

// unreadable is a store whose secrets were encrypted with another key.
type unreadable struct{ activities.Store }

func (u unreadable) Dispatch(ctx context.Context, account models.AccountID, id string) (models.Dispatch, error) {
	d, err := u.Store.Dispatch(ctx, account, id)
	d.Unreadable, d.BotSecrets = true, nil
	return d, err
}

func TestDeliveryEndsInTimeAlthoughTheBotsSecretsCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(w *world.World) {
		hook(w)
		w.Wrap = func(db activities.Store) activities.Store { return unreadable{db} }
	})
	for range 400 {
		r := s.attempt(models.ChannelWebhook)
		if r.Done {
			break
		}
		s.SetClock(func() time.Time { return r.NextAt })
	}
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, "suppressed expired", string(d.State)+" "+d.Reason)
	assert.Empty(t, s.Sink.Calls(""))
}
