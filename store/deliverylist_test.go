package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// TestDeliveriesAreFoundFromIndexes asks by every part of the filter, page by page, and
// explains each statement.
func TestDeliveriesAreFoundFromIndexes(t *testing.T) {
	t.Parallel()
	onTenants(t, func(t *testing.T, mine, other tenant) {
		for _, n := range []tenant{mine, other} {
			for i := range 7 {
				mine.now.advance(time.Second)
				accepted := n.accept(t, nil)
				_, err := n.s.Deliveries().PlanNotification(t.Context(), n.id, accepted.ID, models.Plan{Deliveries: []models.Delivery{
					{Slot: "email:a", Channel: models.ChannelEmail, ContactID: "ctc_1", AddressKey: "a@b.example", State: models.DeliveryPending},
					{Slot: "webhook:b", Channel: models.ChannelWebhook, BotID: fmt.Sprint("bot_", i%2), State: models.DeliverySuppressed, Reason: models.ReasonUnsubscribed},
				}})
				require.NoError(t, err)
			}
		}
		store.Analyze(t, mine.s, "notifications, deliveries, messages")
		stop := store.Record(t, mine.s)
		for name, each := range map[string]struct {
			filter store.DeliveryFilter
			want   int
		}{
			"contact":             {store.DeliveryFilter{ContactID: "ctc_1"}, 7},
			"contact and state":   {store.DeliveryFilter{ContactID: "ctc_1", State: models.DeliverySuppressed}, 0},
			"bot":                 {store.DeliveryFilter{BotID: "bot_0"}, 4},
			"reason":              {store.DeliveryFilter{Reason: models.ReasonUnsubscribed}, 7},
			"channel":             {store.DeliveryFilter{Channel: models.ChannelEmail}, 7},
			"address":             {store.DeliveryFilter{AddressKeys: []string{"a@b.example"}}, 7},
			"another address":     {store.DeliveryFilter{AddressKeys: []string{"c@b.example"}}, 0},
			"a space at the end":  {store.DeliveryFilter{ContactID: "ctc_1 "}, 0},
			"later than all":      {store.DeliveryFilter{ContactID: "ctc_1", From: mine.now.Now().Add(time.Hour)}, 0},
			"earlier than now":    {store.DeliveryFilter{BotID: "bot_1", To: mine.now.Now().Add(time.Hour)}, 3},
			"contact and channel": {store.DeliveryFilter{ContactID: "ctc_1", Channel: models.ChannelWebhook}, 0},
		} {
			seen := map[string]bool{}
			page := store.Page{Limit: 3}
			for {
				rows, next, err := mine.s.In(mine.id).Notifications().Deliveries(t.Context(), each.filter, page)
				require.NoError(t, err)
				for _, d := range rows {
					assert.Equal(t, mine.id, d.AccountID)
					assert.False(t, seen[d.ID], "%s: a row comes twice", name)
					seen[d.ID] = true
				}
				if page.After = next; next == "" {
					break
				}
			}
			assert.Len(t, seen, each.want, name)
			if each.filter.From.IsZero() && each.filter.To.IsZero() {
				found, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{Deliveries: each.filter}, store.Page{})
				require.NoError(t, err)
				assert.Len(t, found, each.want, "%s: notifications", name)
			}
		}
		list, _, err := mine.s.In(mine.id).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
		require.NoError(t, err)
		summaries, err := mine.s.In(mine.id).Notifications().Summaries(t.Context(), []string{list[0].ID})
		require.NoError(t, err)
		assert.Equal(t, 1, summaries[list[0].ID].States[models.DeliveryPending])
		for _, statement := range stop() {
			if strings.HasPrefix(statement, "SELECT 1 ") {
				continue // a part of another statement
			}
			store.WantIndex(t, mine.s, strings.ReplaceAll(statement, "\x00", "")) // a text that nothing equals
		}
	})
}
