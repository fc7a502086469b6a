package models_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/models"
)

// deliveries reads "state", "state:reason" or "state:reason:copy of".
func deliveries(words ...string) []models.Delivery {
	out := make([]models.Delivery, 0, len(words)+1)
	out = append(out, models.Delivery{ID: "inbox", Channel: models.ChannelInbox, State: models.DeliveryDelivered})
	for i, w := range words {
		parts := append(strings.Split(w, ":"), "", "")
		out = append(out, models.Delivery{
			ID: string(rune('a' + i)), Channel: models.ChannelEmail,
			State: models.DeliveryState(parts[0]), Reason: parts[1], ReplayOf: parts[2],
		})
	}
	return out
}

func TestStatusSumsUpWhatWasTried(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deliveries []models.Delivery
		status     models.NotificationStatus
		reason     string
	}{
		"inbox only":                {deliveries(), models.StatusDelivered, ""},
		"nobody else may have it":   {deliveries("suppressed:not_ticked"), models.StatusDelivered, ""},
		"one still open":            {deliveries("delivered", "pending", "failed:x"), models.StatusPending, ""},
		"all delivered":             {deliveries("delivered", "suppressed:no_address"), models.StatusDelivered, ""},
		"one waits for its receipt": {deliveries("accepted", "suppressed:no_address"), models.StatusDelivered, ""},
		"accepted says nothing":     {deliveries("accepted:late", "failed:auth"), models.StatusPartial, "auth"},
		"one of two failed":         {deliveries("delivered", "failed:auth"), models.StatusPartial, "auth"},
		"all failed":                {deliveries("failed:auth", "failed:late"), models.StatusFailed, "auth"},
		"cancelled before any went": {deliveries("cancelled:cancelled"), models.StatusCancelled, "cancelled"},
		"cancelled after one went":  {deliveries("delivered", "cancelled:cancelled"), models.StatusPartial, "cancelled"},
		"bot deleted":               {deliveries("cancelled:recipient_deleted"), models.StatusCancelled, "recipient_deleted"},
		"expired":                   {deliveries("suppressed:expired"), models.StatusExpired, "expired"},
		"expired after a try":       {deliveries("failed:expired"), models.StatusFailed, "expired"},
		"sent again with success":   {deliveries("failed:auth", "delivered::a"), models.StatusDelivered, ""},
		"sent again, still open":    {deliveries("failed:auth", "pending::a"), models.StatusPending, ""},
		"sent again twice":          {deliveries("failed:auth", "failed:auth:a", "delivered::a"), models.StatusDelivered, ""},
	} {
		status, reason := models.SumUp(c.deliveries)
		if status != c.status || reason != c.reason {
			t.Errorf("%s: SumUp() = %s, %q, want %s, %q", name, status, reason, c.status, c.reason)
		}
	}
}

// TestANotificationLivesByItsTable sums up deliveries in all their states: what a
// notification becomes is a row of its life, and each row that ends a planned one is met.
func TestANotificationLivesByItsTable(t *testing.T) {
	t.Parallel()
	ends := map[models.NotificationStatus]bool{}
	for _, row := range models.NotificationLife() {
		if row.In == models.StatusPending && row.To.Final() {
			ends[row.To] = false
		}
		if row.Next == models.Never != row.To.Final() {
			t.Errorf("%s in %q: its workflow acts next %s", row.On, row.In, row.Next)
		}
	}
	kinds := []models.Delivery{
		{State: models.DeliveryPending},
		{State: models.DeliveryDelivered},
		{State: models.DeliveryFailed},
		{State: models.DeliveryCancelled},
		{State: models.DeliverySuppressed},
		{State: models.DeliverySuppressed, Reason: models.ReasonExpired},
	}
	for set := range 1 << len(kinds) {
		var all []models.Delivery
		for i, d := range kinds {
			if set&(1<<i) != 0 {
				d.ID, d.Channel = string(rune('a'+i)), models.ChannelEmail
				all = append(all, d)
			}
		}
		status, _ := models.SumUp(all)
		if _, known := ends[status]; !known && status != models.StatusPending {
			t.Errorf("SumUp() = %q, which no event leads to", status)
		}
		ends[status] = true
	}
	for status, met := range ends {
		if !met {
			t.Errorf("no deliveries sum up to %q", status)
		}
	}
}
