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

// nightly is a world at the instant before the account contact's quiet hours, which are
// from 12:00 to 20:00; its clock stands still.
func nightly(t *testing.T) (*world.World, *activities.Activities) {
	t.Helper()
	w := world.New(t)
	w.AddProvider(models.ChannelEmail, "relay")
	w.Prefer(w.AccountContact().ID, func(p *models.Preferences) { p.QuietFrom, p.QuietTo, p.QuietZone = "12:00", "20:00", "UTC" })
	w.Advance(-time.Second)
	return w, w.Activities(world.Config())
}

// evening is when those quiet hours end.
func evening() time.Time { return time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) }

// lives gives a warning the life that submitting gives.
func lives(t *testing.T, w *world.World) func(*models.Notification) {
	t.Helper()
	kind, err := w.Store.Catalogue().CurrentMessageType(t.Context(), world.Type)
	require.NoError(t, err)
	return func(n *models.Notification) {
		n.Severity, n.ExpiresAt = models.SeverityWarning, w.Now().Add(time.Duration(kind.DeadlineSeconds)*time.Second)
	}
}

// tryMail makes the next step of the notification's mail.
func tryMail(t *testing.T, w *world.World, a *activities.Activities, n models.Notification) activities.AttemptResult {
	t.Helper()
	d, _ := w.Delivery(n.ID, models.ChannelEmail)
	r, err := a.Attempt(t.Context(), activities.AttemptInput{AccountID: w.Account, DeliveryID: d.ID})
	require.NoError(t, err)
	return r
}

func TestARetryInsideQuietHoursWaitsForTheirEnd(t *testing.T) {
	t.Parallel()
	w, a := nightly(t)
	w.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Retry, "busy")))
	n := w.Accept(lives(t, w))
	life := n.ExpiresAt.Sub(w.Now())
	plan(t, w, a, n)
	first := tryMail(t, w, a, n)
	require.False(t, first.Done)
	require.Equal(t, w.Now().Add(time.Second), first.NextAt, "the schedule knows no quiet hours")

	w.Advance(time.Second)
	held := tryMail(t, w, a, n)
	require.Len(t, w.Sink.Calls(""), 1, "nobody is woken for a retry")
	assert.Equal(t, evening(), held.NextAt)
	d, _ := w.Delivery(n.ID, models.ChannelEmail)
	assert.Equal(t, "pending quiet_hours", string(d.State)+" "+d.Reason)
	assert.Equal(t, evening().Add(life), w.Report(n.ID).Notification.ExpiresAt, "held is not lost")
	assert.Equal(t, evening(), tryMail(t, w, a, n).NextAt, "whoever looks before waits on")

	w.Advance(8 * time.Hour)
	assert.True(t, tryMail(t, w, a, n).Done)
	assert.Len(t, w.Sink.Calls(""), 2)
}

func TestAFirstAttemptThatIsLateIsHeldToo(t *testing.T) {
	t.Parallel()
	w, a := nightly(t)
	n := w.Accept(lives(t, w))
	plan(t, w, a, n)
	w.Advance(time.Minute) // no worker was there
	assert.Equal(t, evening(), tryMail(t, w, a, n).NextAt)
	assert.Empty(t, w.Sink.Calls(""))
	w.Cancel(n.ID)
	assert.True(t, tryMail(t, w, a, n).Done, "what is held can be cancelled")
}

func TestRetriesOfWhatCannotWaitGoOutInQuietHours(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*models.Notification){
		"critical": func(n *models.Notification) { n.Severity = models.SeverityCritical },
		"security": func(n *models.Notification) { n.Type, n.Category = "security.unusual_sign_in", models.CategorySecurity },
		"locked":   func(n *models.Notification) { n.Type, n.Category = "account.balance_insufficient", "account" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, a := nightly(t)
			w.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Retry, "busy")))
			n := w.Accept(func(n *models.Notification) { lives(t, w)(n); change(n) })
			plan(t, w, a, n)
			require.False(t, tryMail(t, w, a, n).Done)
			w.Advance(time.Second)
			assert.True(t, tryMail(t, w, a, n).Done)
			assert.Len(t, w.Sink.Calls(""), 2)
		})
	}
}

func TestARetryDoesNotOutliveWhatTheSubmissionSaid(t *testing.T) {
	t.Parallel()
	w, a := nightly(t)
	w.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Retry, "busy")))
	ends := w.Now().Add(time.Minute)
	n := w.Accept(func(n *models.Notification) { n.Severity, n.ExpiresAt = models.SeverityWarning, ends })
	plan(t, w, a, n)
	tryMail(t, w, a, n)
	w.Advance(time.Second)
	assert.Equal(t, ends, tryMail(t, w, a, n).NextAt)
	w.Advance(time.Minute)
	assert.True(t, tryMail(t, w, a, n).Done)
	d, _ := w.Delivery(n.ID, models.ChannelEmail)
	assert.Equal(t, "failed expired", string(d.State)+" "+d.Reason)
}

func TestWhatIsResentAtNightIsHeldAndNotLost(t *testing.T) {
	t.Parallel()
	w, a := nightly(t)
	w.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Permanent, "refused")))
	n := w.Accept(lives(t, w))
	plan(t, w, a, n)
	require.True(t, tryMail(t, w, a, n).Done)
	w.Advance(3*24*time.Hour + time.Hour)
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(w.Account).Notifications().Resend(ctx, n.ID)
		return err
	})
	held := tryMail(t, w, a, n)
	assert.Equal(t, evening().AddDate(0, 0, 3), held.NextAt)
	assert.True(t, w.Report(n.ID).Notification.ExpiresAt.After(held.NextAt))
	w.Advance(8 * time.Hour)
	assert.True(t, tryMail(t, w, a, n).Done)
	d, _ := w.Delivery(n.ID, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, d.State)
}
