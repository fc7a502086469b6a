package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
)

// TestRecordEnvelopes records the executions of envelopes: one that waits and leaves, one whose
// first attempt fails, and one that is empty when it closes. See TestRecordHistories.
func TestRecordEnvelopes(t *testing.T) { //nolint:paralleltest // one recording at a time
	c := recorder(t)
	for name, prepare := range map[string]func(*recording){
		"envelope_sent": func(*recording) {},
		"envelope_retried": func(r *recording) {
			r.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Retry, "busy")))
		},
		"envelope_empty": func(r *recording) { r.Cancel(r.id) },
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.AddProvider(models.ChannelEmail, "mail")
			r := &recording{World: w, client: employ(t, c, w, "record-"+name)}
			r.id = w.Accept(nil).ID
			envelope := r.join(t, 2*time.Second)
			prepare(r)
			require.NoError(t, r.client.Wake(t.Context(), models.Entity{Kind: models.EntityEnvelope, AccountID: w.Account, ID: envelope}))
			require.NoError(t, c.GetWorkflow(t.Context(), "envelope/"+envelope, "").Get(t.Context(), nil))
			save(t, *release+"_"+name, fetch(t, c, "envelope/"+envelope))
		})
	}
}

// join puts the notification into an envelope that closes after so long, and returns that.
func (r *recording) join(t *testing.T, closes time.Duration) string {
	t.Helper()
	contact := r.AccountContact()
	plan := models.Plan{
		Deliveries: []models.Delivery{{
			Slot: "email:x", Channel: models.ChannelEmail, ContactID: contact.ID, AddressID: contact.Addresses[0].ID, AddressKey: contact.Addresses[0].ValueKey,
			Language: models.LocaleEN, State: models.DeliveryPending, Reason: models.ReasonDigest,
		}},
		Digests: map[string]models.Gathering{"email:x": {Gathers: "x", Category: "exception", ClosesAt: r.Now().Add(closes)}},
	}
	_, err := r.Store.Work().PlanNotification(context.WithoutCancel(t.Context()), r.Account, r.id, plan)
	require.NoError(t, err)
	d, _ := r.Delivery(r.id, models.ChannelEmail)
	return d.EnvelopeID
}
