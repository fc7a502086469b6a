package api_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNotificationsAreFoundByWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	failed := h.failedNotification()
	fine := h.as(h.product).post(notificationsPath, submission(func(b object) { b["external_id"] = "fine" })).wants(202).field("id")
	for query, want := range map[string][]string{
		"": {failed, fine}, "?state=failed": {failed}, "?reason=http_400": {failed}, "?channel=webhook": {failed}, "?channel=webhook&state=delivered": {},
		"?address=billing@ALPHA.example": {failed}, "?address=billing@alpha.example&state=failed": {},
		"?contact_id=ctc_01890a5d0c7b7c6e8f1a2b3c4d5e6f70": {},
	} {
		for _, p := range []person{h.reader, h.product} {
			assert.ElementsMatch(t, want, h.as(p).get(notificationsPath+query).wants(200).items("id"), "%s as %s", query, p.name)
		}
	}
	listed := h.as(h.reader).get(notificationsPath + "?state=failed").wants(200)
	assert.Equal(t, "1", listed.field("items", 0, "counts", "failed"))
	assert.Contains(t, listed.field("items", 0, "title"), "CNY 86.50")
	assert.NotEmpty(t, listed.field("items", 0, "product_name"))
	for _, query := range []string{"?address=nowhere", "?state=lost", "?contact_id=x"} {
		h.as(h.reader).get(notificationsPath + query).wants(422)
	}
	assert.Empty(t, h.as(h.stranger).get(notificationsPath+"?state=failed").wants(200).items("id"))
}

func TestDeliveriesAreListed(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id := h.failedNotification()
	got := h.as(h.reader).get("/v1/deliveries?reason=http_400").wants(200)
	assert.Equal(t, []string{id}, got.items("notification_id"))
	assert.Equal(t, "failed", got.field("items", 0, "state"))
	assert.Equal(t, "1", got.field("items", 0, "attempts"))
	assert.Contains(t, got.field("items", 0, "title"), "CNY 86.50")
	masked := h.as(h.reader).get("/v1/deliveries?address=billing@alpha.example").wants(200)
	assert.Equal(t, "b…@alpha.example", masked.field("items", 0, "address"))
	assert.NotContains(t, string(masked.body), "billing@")
	assert.Empty(t, h.as(h.stranger).get("/v1/deliveries").wants(200).items("id"))
	h.as(h.reader).get("/v1/deliveries?bot_id=x").wants(422)
}
