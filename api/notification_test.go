package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

const notificationsPath = "/v1/notifications"

// submission is a body that alpha's product may submit.
func submission(change func(object)) object {
	body := object{
		"type": "account.low_balance", "account": "alpha",
		"variables": object{"balance": "CNY 86.50", "threshold": "CNY 100.00"},
	}
	if change != nil {
		change(body)
	}
	return body
}

// seeded is a harness with the shipped catalogue.
func (h *harness) seeded() *harness {
	h.t.Helper()
	h.seed()
	return h
}

// seed stores the shipped catalogue.
func (h *harness) seed() {
	h.t.Helper()
	shipped, err := catalog.Shipped()
	require.NoError(h.t, err)
	require.NoError(h.t, h.store.Catalogue().SeedCatalogue(h.t.Context(), shipped.Categories, shipped.Types))
}

// failedNotification is one whose webhook delivery failed.
func (h *harness) failedNotification() string {
	t := h.t
	t.Helper()
	id := h.as(h.product).post(notificationsPath, submission(nil)).wants(202).field("id")
	account := h.a.Account.ID
	p, err := h.store.Deliveries().PlanNotification(t.Context(), account, id, models.Plan{Deliveries: []models.Delivery{
		{Slot: "webhook:bot_1", Channel: models.ChannelWebhook, BotID: "bot_1", Recipient: "hook", State: models.DeliveryPending},
		{Slot: "email:adr_1", Channel: models.ChannelEmail, Recipient: "alpha", AddressKey: "billing@alpha.example", State: models.DeliverySuppressed, Reason: models.ReasonUnsubscribed},
	}})
	require.NoError(t, err)
	d := p.Pending[0]
	_, err = h.store.Deliveries().BeginAttempt(t.Context(), models.Attempt{AccountID: account, DeliveryID: d.ID, Number: 1, Provider: "http"}, id)
	require.NoError(t, err)
	d.Attempts, d.State, d.Reason = 1, models.DeliveryFailed, "http_400"
	_, err = h.store.Deliveries().FinishAttempt(t.Context(), models.AttemptEnd{
		Attempt:  models.Attempt{DeliveryID: d.ID, Number: 1, Outcome: models.OutcomePermanent, Reason: "http_400", ProviderCode: "400", ProviderMessage: "words of the endpoint"},
		Delivery: d,
	})
	require.NoError(t, err)
	return id
}

func notificationRequests() map[string]func(*harness) request {
	return map[string]func(*harness) request{
		"notification.create": func(h *harness) request {
			h.seed()
			other := submission(func(b object) { b["link"] = "/orders/1" })
			return request{as: h.product, path: notificationsPath, body: submission(nil), other: other, unlogged: true}
		},
		"notification.create_batch": func(h *harness) request {
			h.seed()
			body := object{"items": []object{submission(nil), submission(func(b object) { b["account"] = "nobody" })}}
			return request{as: h.product, path: notificationsPath + "/batch", body: body, other: object{"items": []object{submission(nil)}}, unlogged: true}
		},
		"notification.cancel": func(h *harness) request {
			h.seed()
			at := h.clock.Now().Add(time.Hour)
			id := h.as(h.product).post(notificationsPath, submission(func(b object) { b["schedule_at"] = at })).wants(202).field("id")
			return request{as: h.root, path: notificationsPath + "/" + id + "/cancel"}
		},
		"notification.resend": func(h *harness) request {
			h.seed()
			return request{as: h.root, path: notificationsPath + "/" + h.failedNotification() + "/resend"}
		},
		"delivery.resend": func(h *harness) request {
			h.seed()
			h.failedNotification()
			from := h.clock.Now().Add(-time.Hour).Format(time.RFC3339)
			h.clock.advance(time.Second)
			return request{as: h.root, path: resendPath + "?from=" + from}
		},
	}
}

func TestAcceptedNotificationIsStoredAndInTheInbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	got := h.as(h.product).key("k1").post(notificationsPath, submission(func(b object) {
		b["external_id"], b["link"], b["severity"] = "invoice-1", "/billing", "critical"
	})).wants(202)
	id := got.field("id")
	assert.Equal(t, "pending", got.field("status"))
	assert.Equal(t, notificationsPath+"/"+id, got.header.Get("Location"))
	assert.EqualValues(t, 1, h.nudges.Load())

	report := h.as(h.root).get(got.header.Get("Location")).wants(200)
	for field, want := range map[string]string{
		"type": "account.low_balance", "account_id": string(h.a.Account.ID), "external_id": "invoice-1", "idempotency_key": "k1",
		"severity": "critical", "source": "product", "product_id": h.productID, "link": "/billing", "language": "en-US",
	} {
		assert.Equal(t, want, report.field(field), field)
	}
	assert.Equal(t, "1", report.field("counts", "delivered"))
	message := report.field("inbox", "message_id")
	shown := h.as(h.root).get("/v1/inbox/messages/" + message).wants(200)
	assert.Contains(t, shown.field("body"), "CNY 86.50")
	h.as(h.stranger).get(got.header.Get("Location")).wants(404)
}

func TestReportShowsAttemptsReasonsAndMaskedAddresses(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id := h.failedNotification()
	for _, p := range []person{h.reader, h.product} {
		report := h.as(p).get(notificationsPath + "/" + id).wants(200)
		assert.Equal(t, "failed", report.field("status"))
		assert.Equal(t, "http_400", report.field("reason"))
		assert.NotContains(t, string(report.body), "billing@alpha.example")
		assert.Contains(t, string(report.body), "b…@alpha.example")
		var r struct {
			Counts     map[string]int
			Deliveries []struct {
				Channel, State, Reason string
				Attempts               []map[string]any
			}
		}
		report.into(&r)
		assert.Equal(t, map[string]int{"pending": 0, "accepted": 0, "delivered": 1, "failed": 1, "cancelled": 0, "suppressed": 1}, r.Counts)
		for _, d := range r.Deliveries {
			if d.Channel == "webhook" {
				require.Len(t, d.Attempts, 1)
				assert.Equal(t, "400", d.Attempts[0]["provider_code"])
				assert.Equal(t, "permanent", d.Attempts[0]["outcome"])
			}
		}
	}
}

func TestSubmissionsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	now := h.clock.Now()
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		change        func(object)
		pointer, code string
	}{
		"unknown type":        {func(b object) { b["type"] = "account.no_such" }, "#/type", "unknown-value"},
		"case of a type":      {func(b object) { b["type"] = "Account.Low_Balance" }, "#/type", "unknown-value"},
		"missing variable":    {func(b object) { b["variables"] = object{} }, "#/variables/balance", "required"},
		"extra variable":      {func(b object) { b["variables"].(object)["more"] = "x" }, "#/variables/more", "unknown"},
		"script link":         {func(b object) { b["link"] = "javascript:alert(1)" }, "#/link", "invalid-value"},
		"protocol-relative":   {func(b object) { b["link"] = "//evil.example" }, "#/link", "invalid-value"},
		"severity":            {func(b object) { b["severity"] = "loud" }, "#/severity", "unknown-value"},
		"schedule over":       {func(b object) { b["schedule_at"] = at(-time.Minute) }, "#/schedule_at", "in-the-past"},
		"schedule too far":    {func(b object) { b["schedule_at"] = at(366 * 24 * time.Hour) }, "#/schedule_at", "too-far"},
		"no zone":             {func(b object) { b["schedule_at"] = "2026-03-02T00:00:00" }, "#/schedule_at", "invalid-format"},
		"expires before due":  {func(b object) { b["schedule_at"], b["expires_at"] = at(2*time.Hour), at(time.Hour) }, "#/expires_at", "in-the-past"},
		"expires before now":  {func(b object) { b["expires_at"] = at(-time.Second) }, "#/expires_at", "in-the-past"},
		"expires too far":     {func(b object) { b["expires_at"] = at(400 * 24 * time.Hour) }, "#/expires_at", "too-far"},
		"both ends":           {func(b object) { b["expires_at"], b["ttl_seconds"] = at(time.Hour), 60 }, "#/ttl_seconds", "conflict"},
		"ttl zero":            {func(b object) { b["ttl_seconds"] = -1 }, "#/ttl_seconds", ""},
		"external id, spaces": {func(b object) { b["external_id"] = " x" }, "#/external_id", "untrimmed"},
	} {
		got := h.as(h.product).post(notificationsPath, submission(c.change))
		if got.status != 422 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
			continue
		}
		got.problem(models.CodeInvalid)
		assert.Contains(t, string(got.body), c.pointer, name)
		if !strings.Contains(string(got.body), c.code) {
			t.Errorf("%s: want the code %s: %s", name, c.code, got.body)
		}
	}
	h.as(h.product).post(notificationsPath, submission(func(b object) {
		b["variables"] = object{"balance": strings.Repeat("x", 64<<10)}
	})).wants(413)
	rows, _, err := h.store.In(h.a.Account.ID).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	assert.Empty(t, rows)
}

func TestProductsReachOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	narrow := h.newProduct("narrow", []string{"security.*"}, []string{string(h.a.Account.ID)})
	h.as(narrow).post(notificationsPath, submission(nil)).wants(403).problem(models.CodeForbidden)
	foreign := h.as(h.product).post(notificationsPath, submission(func(b object) { b["account"] = "beta" })).wants(404)
	missing := h.as(h.product).post(notificationsPath, submission(func(b object) { b["account"] = "nobody" })).wants(404)
	platform := h.as(h.product).post(notificationsPath, submission(func(b object) { b["account"] = "platform" })).wants(404)
	assert.Equal(t, missing.field("detail"), foreign.field("detail"), "a foreign account must not be told from one that does not exist")
	assert.Equal(t, missing.field("errors"), foreign.field("errors"))
	assert.Equal(t, missing.field("errors"), platform.field("errors"))
	h.as(h.product).post(notificationsPath, submission(func(b object) { b["account"] = string(h.a.Account.ID) })).wants(202)

	id := h.as(h.product).post(notificationsPath, submission(nil)).wants(202).field("id")
	for _, path := range []string{"", "/cancel"} {
		method := map[string]string{"": "GET", "/cancel": "POST"}[path]
		h.as(narrow).send(method, notificationsPath+"/"+id+path, nil).wants(404)
	}
	assert.Empty(t, h.as(narrow).get(notificationsPath).wants(200).items("id"))
	assert.Len(t, h.as(h.product).get(notificationsPath).wants(200).items("id"), 2)
	assert.Len(t, h.as(h.reader).get(notificationsPath+"?type=account.low_balance&status=pending").wants(200).items("id"), 2)
	assert.Empty(t, h.as(h.stranger).get(notificationsPath).wants(200).items("id"))
}

func TestOperatorsSubmitForThePlatform(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id := h.as(h.admin).post(notificationsPath, submission(func(b object) { b["account"] = "beta" })).wants(202).field("id")
	report := h.as(h.stranger).get(notificationsPath + "/" + id).wants(200)
	assert.Equal(t, "platform", report.field("source"))
	assert.Empty(t, report.field("product_id"))
	h.as(h.admin).get(notificationsPath + "/" + id).wants(200)
	mine := h.as(h.product).post(notificationsPath, submission(nil)).wants(202).field("id")
	h.as(h.admin).get(notificationsPath + "/" + mine).wants(404)
	assert.Equal(t, []string{id}, h.as(h.admin).get(notificationsPath).wants(200).items("id"))
}

func TestTheSameKeyIsOneNotificationHoweverManyAsk(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	var (
		mu       sync.Mutex
		ids      = map[string]int{}
		replayed int
		all      sync.WaitGroup
	)
	for range 50 {
		all.Go(func() {
			got := h.as(h.product).key("one").post(notificationsPath, submission(nil))
			mu.Lock()
			defer mu.Unlock()
			switch got.status {
			case 202:
				ids[got.field("id")]++
				if got.header.Get("Idempotent-Replayed") != "" {
					replayed++
				}
			case 409:
			default:
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	all.Wait()
	assert.Len(t, ids, 1)
	rows, _, err := h.store.In(h.a.Account.ID).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	assert.Len(t, rows, 1)
	for _, n := range ids {
		assert.Equal(t, n-1, replayed, "all but the first are replays")
	}
	h.as(h.product).key("one").post(notificationsPath, submission(func(b object) { b["link"] = "/x" })).wants(422).problem(models.CodeMismatch)
}

func TestARepeatIsAnsweredAlthoughItCouldNotBeAcceptedAnyMore(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	at := h.clock.Now().Add(time.Minute)
	body := submission(func(b object) { b["schedule_at"] = at })
	first := h.as(h.product).key("k").post(notificationsPath, body).wants(202)
	h.clock.advance(time.Hour)
	again := h.as(h.product).key("k").post(notificationsPath, body).wants(202)
	assert.Equal(t, first.body, again.body)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	h.as(h.product).key("other").post(notificationsPath, body).wants(422)
}

func TestExternalIDIsForEver(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	with := func(b object) { b["external_id"] = "invoice-7" }
	id := h.as(h.product).post(notificationsPath, submission(with)).wants(202).field("id")
	assert.Equal(t, id, h.as(h.product).post(notificationsPath, submission(with)).wants(202).field("id"))
	assert.Equal(t, 1, h.meter.submitted, "a repeat is no submission of its own")
	h.as(h.product).post(notificationsPath, submission(func(b object) { with(b); b["link"] = "/x" })).wants(409).problem(models.CodeConflict)
}

func TestARepeatByExternalIDIsAnsweredAlthoughItsTimeIsOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	body := submission(func(b object) {
		b["external_id"], b["schedule_at"] = "invoice-8", h.clock.Now().Add(time.Hour)
	})
	first := h.as(h.product).post(notificationsPath, body).wants(202).field("id")
	h.clock.advance(2 * time.Hour)
	if again := h.as(h.product).post(notificationsPath, body).wants(202).field("id"); again != first {
		t.Errorf("repeat = %s, want the first, %s", again, first)
	}
	body["link"] = "/other"
	h.as(h.product).post(notificationsPath, body).wants(422).complains("#/schedule_at", "in-the-past")
}

// TestNowIsNotOver: clocks differ, and a request takes its time.
func TestNowIsNotOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	for _, ago := range []time.Duration{0, time.Second, 30 * time.Second} {
		h.as(h.product).post(notificationsPath, submission(func(b object) { b["schedule_at"] = h.clock.Now().Add(-ago) })).wants(202)
	}
	h.as(h.product).post(notificationsPath, submission(func(b object) { b["schedule_at"] = h.clock.Now().Add(-31 * time.Second) })).wants(422)
}

func TestAcceptingNeedsNoEngine(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id := h.as(h.product).post(notificationsPath, submission(nil)).wants(202).field("id")
	rows, err := h.store.Wakeups().ClaimWakeups(t.Context(), time.Second, 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	assert.Equal(t, id, rows[0].EntityID, "the dispatcher finds it")
}

func TestBatchHasAResultForEachItem(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	items := []object{
		submission(func(b object) { b["external_id"] = "a" }),
		submission(func(b object) { b["account"] = "beta" }),
		submission(func(b object) { b["variables"] = object{} }),
		submission(func(b object) { b["external_id"] = "a"; b["link"] = "/x" }),
		submission(func(b object) { b["external_id"] = "a" }),
		submission(nil),
	}
	got := h.as(h.product).key("b").post(notificationsPath+"/batch", object{"items": items}).wants(200)
	var statuses []string
	for i := range items {
		assert.Equal(t, fmt.Sprint(i), got.field("items", i, "index"))
		statuses = append(statuses, got.field("items", i, "status"))
	}
	assert.Equal(t, []string{"202", "404", "422", "409", "202", "202"}, statuses)
	assert.Equal(t, got.field("items", 0, "notification", "id"), got.field("items", 4, "notification", "id"))
	assert.Equal(t, "#/items/2/variables/balance", got.field("items", 2, "problem", "errors", 0, "pointer"))
	rows, _, err := h.store.In(h.a.Account.ID).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	assert.Len(t, rows, 2)
	assert.EqualValues(t, 1, h.nudges.Load())
}

func TestBatchHoldsFiveHundred(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	many := make([]object, 501)
	for i := range many {
		many[i] = submission(nil)
	}
	h.as(h.product).post(notificationsPath+"/batch", object{"items": many}).wants(422)
	h.as(h.product).post(notificationsPath+"/batch", object{"items": []object{}}).wants(422)
	got := h.as(h.product).post(notificationsPath+"/batch", object{"items": many[:500]}).wants(200)
	assert.Equal(t, "202", got.field("items", 499, "status"))
	huge, err := json.Marshal(object{"items": []object{submission(func(b object) { b["variables"] = object{"balance": strings.Repeat("x", 2<<20)} })}})
	require.NoError(t, err)
	h.as(h.product).post(notificationsPath+"/batch", huge).wants(413)
}

func TestCancelAndResendRefuseWhatIsOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id := h.failedNotification()
	h.as(h.root).post(notificationsPath+"/"+id+"/cancel", nil).wants(409)
	h.as(h.reader).post(notificationsPath+"/"+id+"/resend", nil).wants(403)
	h.as(h.stranger).post(notificationsPath+"/"+id+"/resend", nil).wants(404)
	resent := h.as(h.full).post(notificationsPath+"/"+id+"/resend", nil).wants(202)
	assert.NotEmpty(t, resent.field("deliveries", 0))
	h.as(h.full).post(notificationsPath+"/"+id+"/resend", nil).wants(409)
	assert.Equal(t, "pending", h.as(h.root).get(notificationsPath+"/"+id).wants(200).field("status"))
	assert.Equal(t, "cancelled", h.as(h.product).post(notificationsPath+"/"+id+"/cancel", nil).wants(200).field("status"))
	h.as(h.root).post(notificationsPath+"/"+id+"/resend", nil).wants(409)
}

func TestSubmittedLifeIsBoundedByTheTypesDeadline(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	kind, err := h.store.Catalogue().CurrentMessageType(t.Context(), "account.low_balance")
	require.NoError(t, err)
	deadline := time.Duration(kind.DeadlineSeconds) * time.Second
	due := h.clock.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		change func(object)
		want   time.Time
	}{
		"default":          {func(object) {}, h.clock.Now().Add(deadline)},
		"scheduled":        {func(b object) { b["schedule_at"] = due }, due.Add(deadline)},
		"ttl":              {func(b object) { b["schedule_at"], b["ttl_seconds"] = due, 90 }, due.Add(90 * time.Second)},
		"expires":          {func(b object) { b["expires_at"] = due }, due},
		"beyond deadline":  {func(b object) { b["ttl_seconds"] = 31536000 }, h.clock.Now().Add(deadline)},
		"with a time zone": {func(b object) { b["expires_at"] = due.In(time.FixedZone("", 8*3600)).Format(time.RFC3339) }, due},
	} {
		location := h.as(h.product).post(notificationsPath, submission(c.change)).wants(202).header.Get("Location")
		assert.Equal(t, c.want.Format(time.RFC3339), h.as(h.product).get(location).wants(200).field("expires_at"), name)
	}
}

func TestWordsOfAnEndpointAreItsOwnersOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	path := notificationsPath + "/" + h.failedNotification()
	assert.Contains(t, string(h.as(h.reader).get(path).wants(200).body), "words of the endpoint")
	product := h.as(h.product).get(path).wants(200)
	assert.NotContains(t, string(product.body), "words of the endpoint", "what the account's server answers is no business of the product")
	assert.Contains(t, string(product.body), `"provider_code":"400"`)
}
