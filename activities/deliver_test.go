package activities_test

import (
	"context"
	"strings"
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

// scene is a planned notification in a world.
type scene struct {
	*world.World
	t  *testing.T
	a  *activities.Activities
	id string
}

func newScene(t *testing.T, prepare func(*world.World)) *scene {
	t.Helper()
	w := world.New(t)
	if prepare != nil {
		prepare(w)
	}
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	s.id = w.Accept(nil).ID
	s.plan()
	return s
}

func (s *scene) plan() activities.Progress {
	s.t.Helper()
	progress, err := s.a.Plan(s.t.Context(), activities.NotificationRef{AccountID: s.Account, NotificationID: s.id})
	require.NoError(s.t, err)
	return progress
}

// attempt makes one attempt of the delivery over the channel.
func (s *scene) attempt(channel models.Channel) activities.AttemptResult {
	s.t.Helper()
	d, _ := s.Delivery(s.id, channel)
	r, err := s.a.Attempt(s.t.Context(), activities.AttemptInput{AccountID: s.Account, DeliveryID: d.ID})
	require.NoError(s.t, err)
	return r
}

// until makes attempts whenever the delivery asks for one.
func (s *scene) until(channel models.Channel) activities.AttemptResult {
	s.t.Helper()
	for range 30 {
		r := s.attempt(channel)
		if r.Done {
			return r
		}
		s.SetClock(func() time.Time { return r.NextAt })
	}
	s.t.Fatal("the delivery never ends")
	return activities.AttemptResult{}
}

func outcomes(attempts []models.Attempt) string {
	var words []string
	for _, a := range attempts {
		words = append(words, a.Provider+":"+a.Outcome)
	}
	return strings.Join(words, " ")
}

func email(w *world.World) { w.AddProvider(models.ChannelEmail, "one") }

func twoProviders(w *world.World) {
	w.AddProvider(models.ChannelEmail, "one")
	w.AddProvider(models.ChannelEmail, "two")
}

func hook(w *world.World) {
	w.AddProvider(models.ChannelWebhook, "http")
	w.AddBot("hook")
}

func TestPlanRecordsEveryDecision(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(w *world.World) { email(w); hook(w) })
	progress := s.plan() // again: nothing changes
	assert.Len(t, progress.Open, 2)
	got := map[models.Channel]string{}
	for _, d := range s.Report(s.id).Deliveries {
		got[d.Channel] = string(d.State) + " " + d.Reason
	}
	assert.Equal(t, map[models.Channel]string{
		models.ChannelInbox: "delivered ", models.ChannelEmail: "pending ", models.ChannelWebhook: "pending ",
		models.ChannelSMS: "suppressed channel_not_configured",
	}, got)
}

func TestPlanWaitsUntilItIsDueAndThenWritesTheInbox(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	due := w.Now().Add(time.Hour)
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	s.id = w.Accept(func(n *models.Notification) { n.ScheduleAt = &due }).ID
	assert.Equal(t, due, s.plan().DueAt)
	assert.Empty(t, s.Report(s.id).Deliveries)
	s.Advance(time.Hour)
	assert.Equal(t, models.StatusDelivered, s.plan().Status)
	assert.NotEmpty(t, s.Report(s.id).MessageID)
}

func TestLatePlanSuppressesWhatExpired(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	email(w)
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	s.id = w.Accept(nil).ID
	s.Advance(25 * time.Hour)
	assert.Equal(t, models.StatusExpired, s.plan().Status)
	d, _ := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.ReasonExpired, d.Reason)
	assert.NotEmpty(t, s.Report(s.id).MessageID, "the inbox gets everything")
}

func TestDeliveryIsRecordedWithTheProvidersAnswer(t *testing.T) {
	t.Parallel()
	s := newScene(t, email)
	r := s.attempt(models.ChannelEmail)
	assert.True(t, r.Done)
	assert.Equal(t, models.StatusDelivered, r.Status)
	d, attempts := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, d.State)
	require.Len(t, attempts, 1)
	assert.Equal(t, "ref-"+d.ID, attempts[0].ProviderRef)
	call := s.Sink.Calls("")[0].Message
	assert.Equal(t, "billing@acme.example", call.To)
	assert.Empty(t, call.Unsubscribe, "one press must not end alerts")
	assert.False(t, call.Optional)
	assert.NotEmpty(t, call.Rendered.Subject)
	assert.True(t, s.attempt(models.ChannelEmail).Done, "running again sends nothing")
	assert.Len(t, s.Sink.Calls(""), 1)
}

func TestOptionalMailOffersToUnsubscribeUnlessItIsCritical(t *testing.T) {
	t.Parallel()
	for severity, want := range map[models.Severity]bool{models.SeverityInfo: true, models.SeverityWarning: true, models.SeverityCritical: false} {
		w := world.New(t)
		email(w)
		s := &scene{World: w, t: t, a: w.Activities(world.Config())}
		s.id = w.Accept(func(n *models.Notification) {
			n.Type, n.Category, n.Severity = world.AnnouncedType, models.CategoryOf(world.AnnouncedType), severity
		}).ID
		s.plan()
		s.attempt(models.ChannelEmail)
		require.Len(t, s.Sink.Calls(""), 1)
		call := s.Sink.Calls("")[0].Message
		assert.Equal(t, want, call.Optional, severity)
		assert.Equal(t, want, call.Unsubscribe != "", severity)
	}
}

func TestTransientFailuresAreTriedByTheScheduleAndThenGivenUp(t *testing.T) {
	t.Parallel()
	s := newScene(t, email)
	s.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Retry, "busy")))
	start := s.Now()
	r := s.until(models.ChannelEmail)
	assert.Equal(t, models.StatusFailed, r.Status)
	d, _ := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.ReasonExhausted, d.Reason)
	var after []time.Duration
	for _, c := range s.Sink.Calls("") {
		after = append(after, c.At.Sub(start))
		assert.Equal(t, d.ID, c.Message.Key, "the key never changes")
	}
	assert.Equal(t, []time.Duration{0, time.Second, 6 * time.Second, 66 * time.Second}, after)
}

func TestPermanentFailureStopsAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, twoProviders)
	s.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Permanent, models.ReasonRecipientInvalid)))
	assert.True(t, s.attempt(models.ChannelEmail).Done)
	d, attempts := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.ReasonRecipientInvalid, d.Reason)
	assert.Len(t, attempts, 1, "a wrong address does not fail over")
	s.id = s.Accept(nil).ID
	s.plan()
	d, _ = s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.ReasonBounced, d.Reason, "the address is flagged")
}

func TestFailingProviderIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	for _, class := range []channels.Class{channels.Retry, channels.RateLimited, channels.Misconfigured} {
		t.Run(string(class), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, twoProviders)
			s.Sink.Answer(func(_ context.Context, c world.Call) *channels.Error {
				if c.Provider == s.Providers["one"].ID {
					return world.Fail(class, "why")
				}
				return nil
			})
			assert.True(t, s.attempt(models.ChannelEmail).Done)
			_, attempts := s.Delivery(s.id, models.ChannelEmail)
			assert.Equal(t, "one:"+string(class)+" two:delivered", outcomes(attempts))
		})
	}
}

func TestAmbiguousOutcomeDoesNotFailOver(t *testing.T) {
	t.Parallel()
	s := newScene(t, twoProviders)
	s.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Ambiguous, "timeout")))
	r := s.attempt(models.ChannelEmail)
	assert.False(t, r.Done)
	assert.Equal(t, s.Now().Add(time.Second), r.NextAt)
	s.until(models.ChannelEmail)
	_, attempts := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, "one:ambiguous two:delivered", outcomes(attempts))
}

func TestAmbiguousSMSIsNeverRepeated(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(w *world.World) { w.AddProvider(models.ChannelSMS, "sms"); w.AddPhone() })
	s.Sink.Answer(world.Always(models.ChannelSMS, world.Fail(channels.Ambiguous, "timeout")))
	assert.True(t, s.attempt(models.ChannelSMS).Done)
	d, _ := s.Delivery(s.id, models.ChannelSMS)
	assert.Equal(t, models.ReasonUnknown, d.Reason)
}

func TestRateLimitHoldsTheWholeDestination(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	s.Sink.Answer(world.Script(models.ChannelWebhook, world.Wait(7*time.Second)))
	r := s.attempt(models.ChannelWebhook)
	assert.Equal(t, s.Now().Add(7*time.Second), r.NextAt)
	first := s.id
	s.id = s.Accept(nil).ID
	s.plan()
	r = s.attempt(models.ChannelWebhook)
	assert.Equal(t, s.Now().Add(7*time.Second), r.NextAt, "other messages wait, too")
	assert.Len(t, s.Sink.Calls(""), 1)
	s.Advance(7 * time.Second)
	assert.True(t, s.attempt(models.ChannelWebhook).Done)
	s.id = first
	assert.True(t, s.attempt(models.ChannelWebhook).Done)
}

func TestRateLimitsDoNotSpendTheBudget(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	limits := make([]*channels.Error, 10)
	for i := range limits {
		limits[i] = world.Wait(time.Minute)
	}
	s.Sink.Answer(world.Script(models.ChannelWebhook, limits...))
	assert.Equal(t, models.StatusDelivered, s.until(models.ChannelWebhook).Status)
}

func TestRateLimitBeyondTheDeadlineFails(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Wait(10*365*24*time.Hour)))
	assert.True(t, s.attempt(models.ChannelWebhook).Done)
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, models.ReasonRateLimited, d.Reason)
	s.Sink.Answer(world.Script(""))
	s.id = s.Accept(nil).ID
	s.plan()
	r := s.attempt(models.ChannelWebhook)
	assert.Equal(t, s.Now().Add(time.Hour), r.NextAt, "nobody may stop a destination for ten years")
}

func TestMisconfiguredDestinationWaitsForRepairAndTellsItsOwnerOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Misconfigured, "auth")))
	r := s.attempt(models.ChannelWebhook)
	assert.False(t, r.Done)
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, models.ReasonSuspended, d.Reason)
	assert.Nil(t, d.NextAttemptAt)
	first := s.id
	for range 3 {
		s.id = s.Accept(nil).ID
		s.plan()
		s.attempt(models.ChannelWebhook)
		s.Advance(time.Minute)
	}
	assert.Len(t, s.Sink.Calls(""), 1, "queued messages must not each hit the destination")
	alarms, _, err := s.Store.In(s.Account).Notifications().List(t.Context(), store.NotificationFilter{Type: "exception.bot_suspended"}, store.Page{})
	require.NoError(t, err)
	require.Len(t, alarms, 1)
	assert.Equal(t, models.SourcePlatform, alarms[0].Source)

	s.Sink.Answer(world.Script(""))
	s.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(s.Account).Bots().Resume(ctx, d.BotID) })
	s.id = first
	assert.True(t, s.attempt(models.ChannelWebhook).Done, "resuming sends what is within its deadline")
}

func TestMisconfiguredProviderTellsTheOperators(t *testing.T) {
	t.Parallel()
	s := newScene(t, email)
	s.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Misconfigured, "auth")))
	s.attempt(models.ChannelEmail)
	alarms, _, err := s.Store.In(models.Platform).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	require.Len(t, alarms, 1)
	assert.Equal(t, "exception.provider_suspended", alarms[0].Type)
	s.Advance(25 * time.Hour)
	assert.True(t, s.attempt(models.ChannelEmail).Done)
	d, _ := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.DeliveryFailed, d.State)
	assert.Equal(t, models.ReasonSuspended, d.Reason)
}

func TestEndpointIsSuspendedWhenTheScheduleIsExhausted(t *testing.T) {
	t.Parallel()
	s := newScene(t, hook)
	s.Sink.Answer(world.Always(models.ChannelWebhook, world.Fail(channels.Retry, "http_500")))
	s.until(models.ChannelWebhook)
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, models.ReasonExhausted, d.Reason)
	states, err := s.Store.In(s.Account).Destinations().States(t.Context(), models.BotDestination(d.BotID))
	require.NoError(t, err)
	assert.NotNil(t, states[models.BotDestination(d.BotID)].SuspendedAt)
}

func TestAbandonedAttemptBecomesUnknown(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(w *world.World) { email(w); w.AddProvider(models.ChannelSMS, "sms"); w.AddPhone() })
	for _, channel := range []models.Channel{models.ChannelEmail, models.ChannelSMS} {
		d, _ := s.Delivery(s.id, channel)
		ok, err := s.Store.Deliveries().BeginAttempt(t.Context(), models.Attempt{
			AccountID: s.Account, DeliveryID: d.ID, Number: 1, ProviderID: "gone", Provider: "gone",
		}, s.id)
		require.NoError(t, err)
		require.True(t, ok)
	}
	r := s.attempt(models.ChannelEmail)
	assert.Equal(t, s.Now().Add(30*time.Second), r.NextAt, "its worker may still be at it")
	s.Advance(30 * time.Second)
	s.until(models.ChannelEmail)
	_, attempts := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, "gone:unknown one:delivered", outcomes(attempts))
	assert.True(t, s.attempt(models.ChannelSMS).Done, "an SMS is not sent twice")
	d, _ := s.Delivery(s.id, models.ChannelSMS)
	assert.Equal(t, models.ReasonUnknown, d.Reason)
	assert.Empty(t, s.Sink.Calls(models.ChannelSMS))
}

func TestWhatChangedSincePlanningCounts(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	email(w)
	hook(w)
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	s.id = w.Accept(func(n *models.Notification) { n.Type = world.AnnouncedType }).ID
	s.plan()
	bot, _ := s.Delivery(s.id, models.ChannelWebhook)
	address, _ := s.Delivery(s.id, models.ChannelEmail)
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.In(s.Account).Bots().Delete(ctx, bot.BotID); err != nil {
			return err
		}
		return tx.In(s.Account).OptOuts().Add(ctx, address.AddressKey, world.AnnouncedType)
	})
	s.attempt(models.ChannelWebhook)
	r := s.attempt(models.ChannelEmail)
	bot, _ = s.Delivery(s.id, models.ChannelWebhook)
	address, _ = s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, "cancelled recipient_deleted", string(bot.State)+" "+bot.Reason)
	assert.Equal(t, "suppressed unsubscribed", string(address.State)+" "+address.Reason)
	assert.True(t, r.Status.Final())
	assert.Empty(t, s.Sink.Calls(""))
}

// TestOptOutsOfWhatIsNotOptionalCountForNothing, from before or after planning.
func TestOptOutsOfWhatIsNotOptionalCountForNothing(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	email(w)
	address := w.AccountContact().Addresses[0].ValueKey
	optOut := func(key string) {
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			return tx.In(w.Account).OptOuts().Add(ctx, address, key)
		})
	}
	optOut(world.Type)
	s := &scene{World: w, t: t, a: w.Activities(world.Config())}
	s.id = w.Accept(nil).ID
	s.plan()
	optOut(models.Every)
	optOut(models.Marketing)
	assert.True(t, s.attempt(models.ChannelEmail).Done)
	assert.Len(t, s.Sink.Calls(models.ChannelEmail), 1, "the alert must arrive")
}

// TestADisabledContactGetsNoRetry: what waits for its next try ends; and so does what waits
// for an address that was changed.
func TestADisabledContactGetsNoRetry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*models.Contact)
		want string
	}{
		"disabled":        {func(c *models.Contact) { c.Enabled = false }, "cancelled " + models.ReasonDisabled},
		"address changed": {func(c *models.Contact) { c.Addresses[0].ValueKey = "other@acme.example" }, "cancelled " + models.ReasonDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ann models.Contact
			s := newScene(t, func(w *world.World) {
				email(w)
				ann = w.AddContact("Ann", proven(models.ChannelEmail, "ann@acme.example"))
				w.Choose(world.Type, func(c *models.Choice) { c.Kind, c.Targets = models.TargetContacts, []string{ann.ID} })
			})
			s.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Retry, "busy")))
			require.False(t, s.attempt(models.ChannelEmail).Done)
			s.Write(func(ctx context.Context, tx *store.Tx) error {
				_, _, err := tx.In(s.Account).Contacts().Update(ctx, ann.ID, 0, func(contact *models.Contact) error { c.edit(contact); return nil })
				return err
			})
			assert.True(t, s.attempt(models.ChannelEmail).Done)
			d, _ := s.Delivery(s.id, models.ChannelEmail)
			assert.Equal(t, c.want, string(d.State)+" "+d.Reason)
			assert.Len(t, s.Sink.Calls(""), 1, "nothing is locked: nobody takes over")
		})
	}
}

func TestPanickingAdapterCostsItsOwnMessageOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(w *world.World) { email(w); hook(w) })
	s.Sink.Answer(func(_ context.Context, c world.Call) *channels.Error {
		if c.Channel == models.ChannelEmail {
			panic("broken")
		}
		return nil
	})
	assert.True(t, s.attempt(models.ChannelEmail).Done)
	d, _ := s.Delivery(s.id, models.ChannelEmail)
	assert.Equal(t, models.ReasonInternal, d.Reason)
	assert.Equal(t, models.StatusPartial, s.attempt(models.ChannelWebhook).Status)
}

func TestSlowDestinationHoldsNoMoreThanItsShare(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	hook(w)
	email(w)
	cfg := world.Config()
	cfg.Concurrency = 1
	s := &scene{World: w, t: t, a: w.Activities(cfg)}
	s.id = w.Accept(nil).ID
	s.plan()
	first, inside, release := s.id, make(chan struct{}), make(chan struct{})
	s.Sink.Answer(func(_ context.Context, c world.Call) *channels.Error {
		if c.Channel == models.ChannelWebhook {
			close(inside)
			<-release
		}
		return nil
	})
	d, _ := s.Delivery(first, models.ChannelWebhook)
	done := make(chan error, 1)
	go func() {
		_, err := s.a.Attempt(t.Context(), activities.AttemptInput{AccountID: s.Account, DeliveryID: d.ID})
		done <- err
	}()
	<-inside
	s.id = w.Accept(nil).ID
	s.plan()
	r := s.attempt(models.ChannelWebhook)
	assert.True(t, r.Busy, "the one call is taken")
	assert.True(t, s.attempt(models.ChannelEmail).Done, "other destinations do not notice")
	close(release)
	require.NoError(t, <-done)
	s.Sink.Answer(world.Script(""))
	assert.True(t, s.attempt(models.ChannelWebhook).Done)
}
