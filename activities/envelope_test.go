package activities_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// TestAWorkerThatKnowsNoCarriersWaits: one of an earlier release, beside those that merge,
// finds what is carried open, and tries it by itself. It must not send it a second time.
func TestAWorkerThatKnowsNoCarriersWaits(t *testing.T) {
	t.Parallel()
	w := world.New(t)
	email(w)
	a := w.Activities(world.Config())
	var r models.Reminding
	for _, key := range []string{"product.expiry_7", "product.expiry_30"} {
		n := models.Notification{
			AccountID: w.Account, Source: models.SourceReminder, Language: models.LocaleEN, ExpiresAt: w.Now().AddDate(0, 0, 1),
			Variables: map[string]string{"resource_name": "db", "resource_id": "db-1", "product_name": "DB", "expires_on": "2026-03-08", "days_left": "7"},
		}
		ofType(t, w, key)(&n)
		r.Acceptances = append(r.Acceptances, models.Acceptance{Notification: n, Inbox: models.Rendered{Locale: models.LocaleEN, Title: "both"}})
	}
	done, err := w.Store.Remindings().Remind(t.Context(), w.Account, r)
	require.NoError(t, err)
	require.True(t, done)
	rows, _, err := w.Store.In(w.Account).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	carrier, carried := rows[0].MergedWith[0], rows[0].MergedWith[1]
	_, err = a.Plan(t.Context(), activities.NotificationRef{AccountID: w.Account, NotificationID: carrier})
	require.NoError(t, err)

	d, _ := w.Delivery(carried, models.ChannelEmail)
	require.NotEmpty(t, d.EnvelopeID)
	result, err := a.Attempt(t.Context(), activities.AttemptInput{AccountID: w.Account, DeliveryID: d.ID})
	require.NoError(t, err)
	assert.False(t, result.Done)
	assert.Equal(t, w.Now().AddDate(0, 0, 1), result.NextAt, "the end of its life")
	assert.Empty(t, w.Sink.Calls(""))

	own, _ := w.Delivery(carrier, models.ChannelEmail)
	_, err = a.Attempt(t.Context(), activities.AttemptInput{AccountID: w.Account, DeliveryID: own.ID})
	require.NoError(t, err)
	_, err = a.Plan(t.Context(), activities.NotificationRef{AccountID: w.Account, NotificationID: carried})
	require.NoError(t, err)
	d, _ = w.Delivery(carried, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, d.State)
	assert.Nil(t, d.NextAttemptAt)
	assert.Len(t, w.Sink.Calls(""), 1, "one message for both")
}
