package workflows_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// The public cases that speak of the whole trip (docs/channels.md), on the real
// adapters, a real store and virtual time, against fake servers.

// withAdapters is a stage whose activities send over the real adapters.
func withAdapters(t *testing.T, urls ...string) *stage {
	t.Helper()
	s := newStage(t, nil)
	adapters, err := all.New(channeltest.Client(t, urls...), "mail.example.com", s.Now)
	require.NoError(t, err)
	s.Adapters = adapters
	return s
}

// withEndpoint has one webhook to an endpoint that answers as told.
func withEndpoint(t *testing.T, answer http.HandlerFunc) (*stage, *channeltest.Sink, models.Bot) {
	t.Helper()
	sink := channeltest.NewSink(t, answer)
	s := withAdapters(t, sink.URL)
	s.Provide(models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: "http", Settings: map[string]string{"allow_http": "true"}}, nil)
	secret := "whsec_" + strings.Repeat("QUFB", 8)
	return s, sink, s.AddHook("hook", map[string]string{"url": sink.URL + "/hook", "secret": secret})
}

// withMailServer has one provider of e-mail.
func withMailServer(t *testing.T, script channeltest.SMTPScript, settings map[string]string, secrets map[string]string) (*stage, *channeltest.SMTP) {
	t.Helper()
	server := channeltest.NewSMTP(t, script)
	s := withAdapters(t)
	values := map[string]string{"host": server.Host, "port": server.Port, "tls": "none", "from": "no-reply@example.com"}
	for name, value := range settings {
		values[name] = value
	}
	s.Provide(models.Provider{Channel: models.ChannelEmail, Kind: "smtp", Name: "relay", Settings: values}, secrets)
	return s, server
}

func answering(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// sent are the values of a header, request by request.
func sent(sink *channeltest.Sink, header string) []string {
	var out []string
	for _, r := range sink.Requests() {
		out = append(out, r.Header.Get(header))
	}
	return out
}

// another is a second notification that an activity tries once, now.
func (s *stage) another(channel models.Channel, life time.Duration) (id string, try func() activities.AttemptResult) {
	s.t.Helper()
	a := s.Activities(s.cfg)
	n := s.Accept(func(n *models.Notification) { n.ExpiresAt = s.Now().Add(life) })
	ctx := context.WithoutCancel(s.t.Context())
	if _, err := a.Plan(ctx, activities.NotificationRef{AccountID: s.Account, NotificationID: n.ID}); err != nil {
		s.t.Errorf("plan: %v", err)
	}
	d, _ := s.Delivery(n.ID, channel)
	return n.ID, func() activities.AttemptResult {
		r, err := a.Attempt(ctx, activities.AttemptInput{AccountID: s.Account, DeliveryID: d.ID})
		if err != nil {
			s.t.Errorf("attempt: %v", err)
		}
		return r
	}
}

// told returns the alarms of the type in the account.
func (s *stage) told(account models.AccountID, key string) []models.Notification {
	s.t.Helper()
	rows, _, err := s.Store.In(account).Notifications().List(context.WithoutCancel(s.t.Context()), store.NotificationFilter{Type: key}, store.Page{})
	require.NoError(s.t, err)
	return rows
}

func TestCOM3AnnouncedWaitHoldsOtherMessagesToTheDestination(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s, sink, _ := withEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	start := s.Now()
	s.accept(nil)
	s.open()
	s.at(2*time.Second, func() {
		_, try := s.another(models.ChannelWebhook, time.Hour)
		r := try()
		assert.False(t, r.Done)
		assert.False(t, r.NextAt.Before(start.Add(7*time.Second)), "another message waits, too: %s", r.NextAt)
		assert.Len(t, sink.Requests(), 1)
	})
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Equal(t, []string{unix(start, 0), unix(start, 7*time.Second)}, sent(sink, "Webhook-Timestamp"))
}

func unix(start time.Time, after time.Duration) string {
	return strconv.FormatInt(start.Add(after).Unix(), 10)
}

func TestCOM8MisconfiguredProviderIsLeftAloneUntilItIsRepaired(t *testing.T) {
	t.Parallel()
	var repaired atomic.Bool
	script := channeltest.SMTPScript{
		Extensions: []string{"AUTH CRAM-MD5"},
		Reply: func(_ int, verb, _ string) string {
			if verb == "AUTH" && !repaired.Load() {
				return "535 5.7.8 no"
			}
			return ""
		},
	}
	s, server := withMailServer(t, script, map[string]string{"username": "relay"}, map[string]string{"password": "secret-password"})
	s.accept(nil)
	s.open()
	var late, early string
	var tryLate, tryEarly func() activities.AttemptResult
	s.at(time.Minute, func() {
		late, tryLate = s.another(models.ChannelEmail, 5*time.Minute)
		early, tryEarly = s.another(models.ChannelEmail, time.Hour)
		assert.False(t, tryLate().Done)
		assert.False(t, tryEarly().Done)
		assert.Equal(t, 1, server.Sessions(), "queued messages must not each hit the provider")
		assert.Len(t, s.told(models.Platform, "exception.provider_suspended"), 1, "its owner is told once")
	})
	s.at(10*time.Minute, func() {
		repaired.Store(true)
		s.Write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Platform().Providers().Resume(ctx, s.Providers["relay"])
		})
		s.env.SignalWorkflow("wake", nil)
	})
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.True(t, tryLate().Done)
	assert.True(t, tryEarly().Done)
	d, _ := s.Delivery(late, models.ChannelEmail)
	assert.Equal(t, "suppressed expired", string(d.State)+" "+d.Reason, "its deadline passed meanwhile")
	d, _ = s.Delivery(early, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, d.State)
	assert.Len(t, server.Mails(), 2)
}

// dyingStore loses the outcome of the first attempt, as a worker does that is
// killed while the provider answers.
type dyingStore struct {
	activities.Store
	died atomic.Bool
}

func (d *dyingStore) FinishAttempt(ctx context.Context, end models.AttemptEnd) (models.Progress, error) {
	if d.died.CompareAndSwap(false, true) {
		return models.Progress{}, errors.New("killed")
	}
	return d.Store.FinishAttempt(ctx, end)
}

func TestCOM9CopyAfterTheWorkersDeathHasTheSameID(t *testing.T) {
	t.Parallel()
	t.Run("webhook", func(t *testing.T) {
		t.Parallel()
		s, sink, _ := withEndpoint(t, nil)
		s.Wrap = func(db activities.Store) activities.Store { return &dyingStore{Store: db} }
		s.accept(nil)
		assert.Equal(t, models.StatusDelivered, s.run())
		d, attempts := s.Delivery(s.id, models.ChannelWebhook)
		require.Len(t, attempts, 2)
		assert.Equal(t, models.OutcomeUnknown, attempts[0].Outcome, "the copy is visible")
		assert.Equal(t, []string{d.ID, d.ID}, sent(sink, "Webhook-Id"))
	})
	t.Run("e-mail", func(t *testing.T) {
		t.Parallel()
		s, server := withMailServer(t, channeltest.SMTPScript{}, nil, nil)
		s.Wrap = func(db activities.Store) activities.Store { return &dyingStore{Store: db} }
		s.accept(nil)
		assert.Equal(t, models.StatusDelivered, s.run())
		d, _ := s.Delivery(s.id, models.ChannelEmail)
		require.Len(t, server.Mails(), 2)
		for _, mail := range server.Mails() {
			assert.Contains(t, mail.Data, "Message-ID: <"+d.ID+"@mail.example.com>")
		}
	})
}

func TestEML1UnknownRecipientIsFlaggedAndOtherChannelsGoOn(t *testing.T) {
	t.Parallel()
	endpoint := channeltest.NewSink(t, nil)
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(_ int, verb, _ string) string {
		if verb == "RCPT" {
			return "550 5.1.1 no such user"
		}
		return ""
	}})
	s := withAdapters(t, endpoint.URL)
	s.Provide(models.Provider{Channel: models.ChannelEmail, Kind: "smtp", Name: "relay", Settings: map[string]string{
		"host": server.Host, "port": server.Port, "tls": "none", "from": "no-reply@example.com",
	}}, nil)
	s.Provide(models.Provider{Channel: models.ChannelWebhook, Kind: "webhook", Name: "http", Settings: map[string]string{"allow_http": "true"}}, nil)
	s.AddHook("hook", map[string]string{"url": endpoint.URL, "secret": "whsec_" + strings.Repeat("QUFB", 8)})
	s.accept(nil)
	assert.Equal(t, models.StatusPartial, s.run())
	assert.Equal(t, "failed recipient_invalid", s.ends()[models.ChannelEmail])
	assert.Equal(t, "delivered", s.ends()[models.ChannelWebhook])
	assert.NotEmpty(t, s.Report(s.id).MessageID, "the inbox has it")
	contact, err := s.Store.In(s.Account).Contacts().OfAccount(t.Context())
	require.NoError(t, err)
	assert.Equal(t, models.AddressFailed, contact.Addresses[0].State, "the account sees which address")
	assert.Equal(t, models.ReasonRecipientInvalid, contact.Addresses[0].Reason)
	s.accept(nil)
	s.run()
	assert.Equal(t, "suppressed bounced", s.ends()[models.ChannelEmail])
	assert.Equal(t, 1, count(server.Commands(), "RCPT"), "and nobody writes to it again")
}

func count(list []string, word string) int {
	n := 0
	for _, each := range list {
		if each == word {
			n++
		}
	}
	return n
}

func TestEML3BusyServerGetsTheMailInTheEnd(t *testing.T) {
	t.Parallel()
	s, server := withMailServer(t, channeltest.SMTPScript{Reply: func(session int, verb, _ string) string {
		if verb == "GREETING" && session <= 3 {
			return "421 4.3.2 busyCLOSE"
		}
		return ""
	}}, nil, nil)
	s.accept(nil)
	assert.Equal(t, models.StatusDelivered, s.run())
	assert.Len(t, server.Mails(), 1)
	_, attempts := s.Delivery(s.id, models.ChannelEmail)
	assert.Len(t, attempts, 4)
}

func TestWHK2AttemptsFollowTheSchedule(t *testing.T) {
	t.Parallel()
	s, sink, _ := withEndpoint(t, answering(http.StatusInternalServerError))
	start := s.Now()
	s.accept(nil)
	assert.Equal(t, models.StatusFailed, s.run())
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, models.ReasonExhausted, d.Reason)
	assert.Equal(t, []string{unix(start, 0), unix(start, time.Second), unix(start, 6*time.Second), unix(start, 66*time.Second)},
		sent(sink, "Webhook-Timestamp"))
	assert.Equal(t, []string{d.ID}, slices.Compact(sent(sink, "Webhook-Id")))
	assert.Len(t, slices.Compact(sent(sink, "Webhook-Signature")), 4, "each attempt is signed anew")
}

func TestWHK4GoneEndpointIsSuspendedAndItsOwnerTold(t *testing.T) {
	t.Parallel()
	s, sink, bot := withEndpoint(t, answering(http.StatusGone))
	s.accept(nil)
	assert.Equal(t, models.StatusFailed, s.run())
	d, _ := s.Delivery(s.id, models.ChannelWebhook)
	assert.Equal(t, models.ReasonSuspended, d.Reason)
	assert.Len(t, sink.Requests(), 1, "all the day long")
	states, err := s.Store.In(s.Account).Destinations().States(t.Context(), models.BotDestination(bot.ID))
	require.NoError(t, err)
	assert.Equal(t, "gone", states[models.BotDestination(bot.ID)].Reason)
	alarms := s.told(s.Account, "exception.bot_suspended")
	require.Len(t, alarms, 1)
	assert.NotEmpty(t, s.Report(alarms[0].ID).MessageID, "over another channel: the inbox")
}

func TestWHK7ReplayAfterTheSuspensionHasTheSameID(t *testing.T) {
	t.Parallel()
	var repaired atomic.Bool
	s, sink, bot := withEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		if !repaired.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	s.accept(nil)
	assert.Equal(t, models.StatusFailed, s.run())
	require.Len(t, s.told(s.Account, "exception.bot_suspended"), 1, "suspended, and its owner told")
	first := sent(sink, "Webhook-Id")[0]
	s.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(s.Account).Notifications().Resend(ctx, s.id)
		return err
	})
	s.open()
	s.at(time.Hour, func() {
		assert.Len(t, sink.Requests(), 4, "a replay waits for the repair")
		repaired.Store(true)
		s.Write(func(ctx context.Context, tx *store.Tx) error { return tx.In(s.Account).Bots().Resume(ctx, bot.ID) })
		s.env.SignalWorkflow("wake", nil)
	})
	assert.Equal(t, models.StatusDelivered, s.run())
	require.Len(t, sink.Requests(), 5)
	assert.Equal(t, first, sent(sink, "Webhook-Id")[4])
}

func TestOwnerHearsAtOnceOfAnEndpointThatRefuses(t *testing.T) {
	t.Parallel()
	s, sink, _ := withEndpoint(t, answering(http.StatusUnauthorized))
	s.accept(nil)
	s.open()
	s.at(3*time.Second, func() {
		alarms := s.told(s.Account, "exception.bot_failing")
		if assert.Len(t, alarms, 1, "once, although it refused twice by now") {
			assert.Equal(t, "auth", s.variables(alarms[0].ID)["reason"])
		}
	})
	assert.Equal(t, models.StatusFailed, s.run())
	assert.Len(t, sink.Requests(), 4, "it is tried on the schedule all the same")
	assert.Len(t, s.told(s.Account, "exception.bot_failing"), 1)
	s.Advance(25 * time.Hour)
	for range 2 {
		_, try := s.another(models.ChannelWebhook, time.Hour)
		try()
	}
	assert.Len(t, s.told(s.Account, "exception.bot_failing"), 1, "a suspended one was told of already")
}

// variables are those of a notification.
func (s *stage) variables(id string) map[string]string {
	s.t.Helper()
	n, err := s.Store.Deliveries().OpenNotification(context.WithoutCancel(s.t.Context()), s.Account, id)
	require.NoError(s.t, err)
	return n.Variables
}
