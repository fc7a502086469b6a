package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// TestTheForecastMergesWhatIsDueAtOneMoment: 7 days before the expiry of one resource are 30
// before that of another.
func TestTheForecastMergesWhatIsDueAtOneMoment(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.seed()
	h.write(func(tx *store.Tx) error {
		mail := models.Provider{Channel: models.ChannelEmail, Kind: "smtp", Name: "mail", Enabled: true, Settings: map[string]string{}}
		return tx.Platform().Providers().Create(t.Context(), &mail, nil)
	})
	h.registered(func(b object) { b["release_at"], b["ladder"] = nil, []string{"30d"} })
	h.registered(func(b object) {
		b["external_id"], b["expires_at"], b["release_at"], b["ladder"] = "db-2", "2026-04-04T15:30:00+08:00", nil, []string{"7d"}
	})
	merged := func(a *answer, i int) map[string]string {
		into := map[string]string{}
		for j := 0; a.field("items", i, "to", j, "channel") != ""; j++ {
			if a.field("items", i, "to", j, "reason") == "" {
				into[a.field("items", i, "to", j, "channel")] = a.field("items", i, "to", j, "merged_into")
			}
		}
		return into
	}
	all := h.as(h.reader).get("/v1/reminders").wants(200)
	require.Equal(t, []string{"product.expiry_30", "product.expiry_7", "product.expired", "product.expired"}, all.items("type"))
	require.Equal(t, all.field("items", 0, "at"), all.field("items", 1, "at"))
	require.Equal(t, map[string]string{"inbox": "product.expiry_7", "email": "product.expiry_7"}, merged(all, 0))
	require.Equal(t, map[string]string{"inbox": "", "email": ""}, merged(all, 1), "the most urgent carries the others")
	require.Equal(t, map[string]string{"inbox": "", "email": ""}, merged(all, 2))

	first := h.as(h.reader).get("/v1/reminders?limit=1").wants(200)
	require.Equal(t, merged(all, 0), merged(first, 0), "also where the other is on the next page")
	h.as(h.root).patch("/v1/account", object{"inbox_per_resource": true}).wants(200)
	each := h.as(h.reader).get("/v1/reminders").wants(200)
	require.Equal(t, map[string]string{"inbox": "", "email": "product.expiry_7"}, merged(each, 0), "a row for each resource, and one mail")
}

func TestTheReportSaysWhoCarriedIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	account := h.a.Account.ID
	reminder := func(told bool) models.Acceptance {
		var instead []models.Message
		if told {
			instead = []models.Message{}
		}
		return models.Acceptance{Instead: instead, Notification: models.Notification{
			AccountID: account, Type: "product.expiry_7", TypeVersion: 1, Category: "product", Severity: models.SeverityWarning,
			Source: models.SourceReminder, Language: models.LocaleEN, ExpiresAt: h.clock.Now().AddDate(0, 0, 1),
		}, Inbox: models.Rendered{Locale: models.LocaleEN, Title: "Both"}}
	}
	done, err := h.store.Remindings().Remind(t.Context(), account, models.Reminding{Acceptances: []models.Acceptance{reminder(false), reminder(true)}})
	require.NoError(t, err)
	require.True(t, done)
	rows, _, err := h.store.In(account).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	carrier, carried := rows[0].MergedWith[0], rows[0].MergedWith[1]
	var plans []models.Plan
	for _, id := range rows[0].MergedWith {
		plans = append(plans, models.Plan{Notification: models.Notification{ID: id}, Deliveries: []models.Delivery{
			{Slot: "email:adr_1", Channel: models.ChannelEmail, Recipient: "alpha", AddressKey: "billing@alpha.example", State: models.DeliveryPending},
		}})
	}
	p, err := h.store.Deliveries().PlanNotification(t.Context(), account, carrier, plans...)
	require.NoError(t, err)
	second, err := h.store.Deliveries().SettleNotification(t.Context(), account, carried)
	require.NoError(t, err)
	require.Empty(t, second.Pending)

	report := h.as(h.reader).get(notificationsPath + "/" + carried).wants(200)
	require.Equal(t, carrier, report.field("merged_with", 0))
	require.Equal(t, "merged", report.field("deliveries", 1, "reason"))
	require.Equal(t, p.Pending[0].ID, report.field("deliveries", 1, "merged_into", "delivery_id"))
	require.Equal(t, carrier, report.field("deliveries", 1, "merged_into", "notification_id"))
	require.Equal(t, "1", report.field("counts", "pending"))
	own := h.as(h.reader).get(notificationsPath + "/" + carrier).wants(200)
	require.Empty(t, own.field("deliveries", 1, "merged_into"))
	require.NotEmpty(t, own.field("inbox", "message_id"))
	require.Equal(t, own.field("inbox", "message_id"), report.field("inbox", "message_id"), "one message tells of both")
	h.as(h.full).post(notificationsPath+"/"+carried+"/cancel", nil).wants(200)
	require.Equal(t, "cancelled", h.as(h.reader).get(notificationsPath+"/"+carried).wants(200).field("status"))
	require.Equal(t, "pending", h.as(h.reader).get(notificationsPath+"/"+carrier).wants(200).field("status"))
}
