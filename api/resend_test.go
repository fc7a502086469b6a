package api_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

const resendPath = "/v1/deliveries/resend"

// since is the query for what did not arrive in the last hour.
func (h *harness) since(more string) string {
	return "?from=" + url.QueryEscape(h.clock.Now().Add(-time.Hour).Format(time.RFC3339)) + more
}

// failAgain ends the newest delivery of the notification's webhook as failed.
func (h *harness) failAgain(id string) {
	h.t.Helper()
	report, err := h.store.In(h.a.Account.ID).Notifications().Report(h.t.Context(), id)
	require.NoError(h.t, err)
	d := report.Deliveries[len(report.Deliveries)-1]
	require.Equal(h.t, models.DeliveryPending, d.State)
	d.State, d.Reason = models.DeliveryFailed, "http_400"
	_, err = h.store.Deliveries().SettleDelivery(h.t.Context(), d, models.Heirs{})
	require.NoError(h.t, err)
}

func TestXP3OnlyWhatDidNotArriveIsSentAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	first, second := h.failedNotification(), h.failedNotification()
	h.failedNotification()
	h.as(h.product).post(notificationsPath, submission(nil)).wants(202)
	h.clock.advance(time.Minute)

	counted := h.as(h.reader).get(resendPath + h.since("")).wants(200)
	assert.Equal(t, "3", counted.field("deliveries"))
	assert.Equal(t, "3", counted.field("notifications"))
	assert.Equal(t, "hook", counted.field("recipients", 0, "recipient"))
	assert.Equal(t, "3", counted.field("recipients", 0, "deliveries"))
	assert.Equal(t, "http_400", counted.field("reasons", 0, "reason"))
	assert.Equal(t, "0", h.as(h.stranger).get(resendPath+h.since("")).wants(200).field("deliveries"))
	to := "&to=" + url.QueryEscape(counted.field("to"))

	one := h.as(h.full).key("again").post(resendPath+h.since(to+"&limit=1"), nil).wants(202)
	assert.Equal(t, "1 2", one.field("resent")+" "+one.field("left"))
	same := h.as(h.full).key("again").post(resendPath+h.since(to+"&limit=1"), nil).wants(202)
	assert.Equal(t, "true", same.header.Get("Idempotent-Replayed"), "the same request is the same order")
	assert.Equal(t, "pending", h.as(h.root).get(notificationsPath+"/"+first).wants(200).field("status"))

	h.clock.advance(time.Minute)
	h.failAgain(first)
	rest := h.as(h.full).post(resendPath+h.since(to), nil).wants(202)
	assert.Equal(t, "2 0", rest.field("resent")+" "+rest.field("left"), "what fails again is not of this order any more")
	assert.Equal(t, "pending", h.as(h.root).get(notificationsPath+"/"+second).wants(200).field("status"))
	assert.Equal(t, "0", h.as(h.full).post(resendPath+h.since(to), nil).wants(202).field("resent"))
	assert.Equal(t, "1", h.as(h.full).get(resendPath+h.since("")).wants(200).field("deliveries"), "it is of a new one")

	log := h.as(h.root).get("/v1/operations?action=delivery.resend").wants(200)
	assert.Len(t, log.items("id"), 3, "each is in the operation log, repeats are not")
}

func TestWhatIsSentAgainIsChosen(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	cancelled, expired := h.failedNotification(), h.failedNotification()
	h.as(h.root).post(notificationsPath+"/"+cancelled+"/resend", nil).wants(202)
	h.as(h.root).post(notificationsPath+"/"+cancelled+"/cancel", nil).wants(200)
	h.as(h.root).post(notificationsPath+"/"+expired+"/resend", nil).wants(202)
	report, err := h.store.In(h.a.Account.ID).Notifications().Report(t.Context(), expired)
	require.NoError(t, err)
	d := report.Deliveries[len(report.Deliveries)-1]
	d.State, d.Reason = models.DeliverySuppressed, models.ReasonExpired
	_, err = h.store.Deliveries().SettleDelivery(t.Context(), d, models.Heirs{})
	require.NoError(t, err)
	h.clock.advance(time.Second)
	for query, want := range map[string]string{
		"": "1", "&channel=webhook": "1", "&channel=email": "0", "&type=account.low_balance": "1", "&type=account.refund": "0",
		"&reason=expired": "1", "&reason=http_400": "0", "&state=failed": "0", "&address=billing@alpha.example": "0",
		"&bot_id=bot_01890a5d0c7b7c6e8f1a2b3c4d5e6f70": "0", "&contact_id=ctc_01890a5d0c7b7c6e8f1a2b3c4d5e6f70": "0",
		"&to=" + url.QueryEscape(h.clock.Now().Add(-30*time.Minute).Format(time.RFC3339)): "0",
	} {
		assert.Equal(t, want, h.as(h.reader).get(resendPath+h.since(query)).wants(200).field("deliveries"), query)
	}
	for _, query := range []string{"", "?from=yesterday", h.since("&to=2001-01-01T00:00:00Z"), h.since("&bot_id=x"), h.since("&address=nowhere"), h.since("&state=lost")} {
		h.as(h.reader).get(resendPath + query).wants(422)
		h.as(h.full).post(resendPath+query, nil).wants(422)
	}
	h.as(h.full).post(resendPath+h.since("&limit=201"), nil).wants(422)
	assert.Equal(t, "1", h.as(h.full).post(resendPath+h.since("&reason=expired"), nil).wants(202).field("resent"), "what waited for its bot in vain is sent, too")
}

func TestOrdersToSendAgainAreBounded(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	for range 60 {
		h.as(h.full).post(resendPath+h.since(""), nil).wants(202)
	}
	refused := h.as(h.full).post(resendPath+h.since(""), nil).wants(429)
	assert.NotEmpty(t, refused.header.Get("Retry-After"))
	h.as(h.stranger).post(resendPath+h.since(""), nil).wants(202)
}
