package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
)

// equal is a submission with the dedup key.
func equal(key string, change func(object)) object {
	return submission(func(b object) {
		b["dedup_key"] = key
		if change != nil {
			change(b)
		}
	})
}

func TestEqualEventsAreOneMessageWithACount(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	first := h.as(h.product).post(notificationsPath, equal("disk:db-1", nil)).wants(202)
	id := first.field("id")
	assert.Equal(t, "false", first.field("deduplicated"))
	h.clock.advance(time.Minute)
	for range 99 {
		again := h.as(h.product).post(notificationsPath, equal("disk:db-1", func(b object) {
			b["variables"].(object)["balance"] = "CNY 1.00"
		})).wants(202)
		assert.Equal(t, id, again.field("id"))
		assert.Equal(t, "true", again.field("deduplicated"))
		assert.Equal(t, notificationsPath+"/"+id, again.header.Get("Location"))
	}
	assert.EqualValues(t, 1, h.nudges.Load(), "a repeat starts nothing")
	assert.Equal(t, [2]int{1, 99}, [2]int{h.meter.submitted, h.meter.deduplicated}, "metrics tell them apart")

	seen := h.clock.Now().Format(time.RFC3339)
	report := h.as(h.root).get(notificationsPath + "/" + id).wants(200)
	listed := h.as(h.product).get(notificationsPath).wants(200)
	inbox := h.as(h.root).get("/v1/inbox/messages").wants(200)
	assert.Equal(t, []string{id}, listed.items("id"))
	assert.Equal(t, []string{id}, inbox.items("notification_id"))
	message := h.as(h.root).get("/v1/inbox/messages/" + inbox.field("items", 0, "id")).wants(200)
	for name, each := range map[string][2]string{
		"report":  {report.field("count"), report.field("last_seen_at")},
		"list":    {listed.field("items", 0, "count"), listed.field("items", 0, "last_seen_at")},
		"inbox":   {inbox.field("items", 0, "count"), inbox.field("items", 0, "last_seen_at")},
		"message": {message.field("count"), message.field("last_seen_at")},
	} {
		assert.Equal(t, [2]string{"100", seen}, each, name)
	}
	assert.Equal(t, "disk:db-1", report.field("dedup_key"))
	assert.Contains(t, message.field("body"), "CNY 86.50", "the text is the first one's")

	h.clock.advance(4 * time.Minute)
	assert.NotEqual(t, id, h.as(h.product).post(notificationsPath, equal("disk:db-1", nil)).wants(202).field("id"), "the window is over")
}

func TestAnIdempotentRepeatOfAnEqualEventCountsOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	id := h.as(h.product).key("1").post(notificationsPath, equal("k", nil)).wants(202).field("id")
	for range 3 {
		again := h.as(h.product).key("2").post(notificationsPath, equal("k", nil)).wants(202)
		assert.Equal(t, "true", again.field("deduplicated"))
		named := h.as(h.product).post(notificationsPath, equal("k", func(b object) { b["external_id"] = "e" })).wants(202)
		assert.Equal(t, id, named.field("id"))
		h.as(h.product).key("1").post(notificationsPath, equal("k", nil)).wants(202)
	}
	assert.Equal(t, "3", h.as(h.product).get(notificationsPath+"/"+id).wants(200).field("count"))
	assert.Equal(t, [2]int{1, 2}, [2]int{h.meter.submitted, h.meter.deduplicated})
	h.clock.advance(time.Hour)
	late := equal("k", func(b object) { b["external_id"], b["link"] = "e", "/other" })
	h.as(h.product).post(notificationsPath, late).wants(409).problem(models.CodeConflict)
}

func TestEqualEventsOfABatchAreOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	items := []object{
		equal("a", nil), equal("a", nil), equal("b", nil), submission(nil),
		equal("a", func(b object) { b["variables"] = object{} }), equal("a", nil),
	}
	got := h.as(h.product).post(notificationsPath+"/batch", object{"items": items}).wants(200)
	var marks []string
	for i := range items {
		if got.field("items", i, "status") != "202" {
			marks = append(marks, got.field("items", i, "status"))
			continue
		}
		marks = append(marks, got.field("items", i, "notification", "deduplicated"))
	}
	assert.Equal(t, []string{"false", "true", "false", "false", "422", "true"}, marks)
	assert.EqualValues(t, 1, h.nudges.Load())
	id := got.field("items", 0, "notification", "id")
	assert.Equal(t, id, got.field("items", 5, "notification", "id"))
	assert.Equal(t, "3", h.as(h.product).get(notificationsPath+"/"+id).wants(200).field("count"))
}

func TestAnotherAccountsDedupKeyIsNoHit(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	h.as(h.admin).post(notificationsPath, equal("k", func(b object) { b["account"] = "beta" })).wants(202)
	own := h.as(h.admin).post(notificationsPath, equal("k", nil)).wants(202)
	assert.Equal(t, "false", own.field("deduplicated"))
	product := h.as(h.product).post(notificationsPath, equal("k", nil)).wants(202)
	assert.Equal(t, "false", product.field("deduplicated"), "no product learns of, or swallows, what somebody else says")
	assert.Equal(t, "true", h.as(h.admin).post(notificationsPath, equal("k", nil)).wants(202).field("deduplicated"))
}

func TestDedupKeysAreChecked(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	for name, c := range map[string]struct {
		change func(object)
		code   string
	}{
		"spaces":    {func(b object) { b["dedup_key"] = " k" }, "untrimmed"},
		"invisible": {func(b object) { b["dedup_key"] = "k\u200b" }, "invalid-characters"},
		"too long":  {func(b object) { b["dedup_key"] = strings.Repeat("k", 129) }, "too-long"},
		"scheduled": {func(b object) { b["schedule_at"] = h.clock.Now().Add(time.Hour) }, "conflict"},
	} {
		t.Log(name)
		h.as(h.product).post(notificationsPath, equal("k", c.change)).wants(422).complains("#/dedup_key", c.code)
	}
	h.as(h.product).post(notificationsPath, equal(strings.Repeat("长", 128), nil)).wants(202)
}

func TestOperatorsChooseTheWindowOfAMessageType(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	const path = "/v1/message-types/account.low_balance"
	assert.Equal(t, "300", h.as(h.admin).get(path).wants(200).field("dedup_window_seconds"))
	for _, wrong := range []int{0, -1, 86_401} {
		h.as(h.admin).patch(path, object{"dedup_window_seconds": wrong}).wants(422)
	}
	first := h.as(h.product).post(notificationsPath, equal("k", nil)).wants(202).field("id")
	changed := h.as(h.admin).patch(path, object{"dedup_window_seconds": 3600}).wants(200)
	assert.Equal(t, "3600", changed.field("dedup_window_seconds"))
	h.clock.advance(5 * time.Minute)
	next := h.as(h.product).post(notificationsPath, equal("k", nil)).wants(202).field("id")
	assert.NotEqual(t, first, next, "a window that is open keeps its length")
	h.clock.advance(time.Hour - time.Second)
	assert.Equal(t, next, h.as(h.product).post(notificationsPath, equal("k", nil)).wants(202).field("id"))
}

func TestACancelledNotificationGathersNoMoreEvents(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	first := h.as(h.product).post(notificationsPath, equal("k", nil)).wants(202).field("id")
	h.as(h.product).post(fmt.Sprintf("%s/%s/cancel", notificationsPath, first), nil).wants(200)
	next := h.as(h.product).post(notificationsPath, equal("k", nil)).wants(202)
	assert.Equal(t, "false", next.field("deduplicated"))
	assert.NotEqual(t, first, next.field("id"))
}

func TestListsFilterByTheDedupKeyOfAType(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	submit := func(key string) string {
		return h.as(h.product).post(notificationsPath, equal(key, nil)).wants(202).field("id")
	}
	first, other := submit("disk:db-1"), submit("disk:db-2")
	h.clock.advance(time.Hour)
	second := submit("disk:db-1")
	submit("Disk:db-1")
	h.as(h.product).post(notificationsPath, submission(nil)).wants(202)
	for _, who := range []person{h.root, h.product} {
		list := func(query string) []string {
			return h.as(who).get(notificationsPath + "?type=account.low_balance&dedup_key=" + query).wants(200).items("id")
		}
		assert.Equal(t, []string{second, first}, list("disk:db-1"), "newest first, exactly this key")
		assert.Equal(t, []string{other}, list("disk:db-2"))
		assert.Empty(t, list("disk:db"))
		assert.Empty(t, h.as(who).get(notificationsPath+"?type=account.refund&dedup_key=disk:db-1").wants(200).items("id"))
		page := h.as(who).get(notificationsPath + "?limit=1&type=account.low_balance&dedup_key=disk:db-1").wants(200)
		assert.Equal(t, []string{second}, page.items("id"))
		cursor := page.field("next_cursor")
		assert.Equal(t, []string{first}, list("disk:db-1&limit=1&cursor="+cursor))
		h.as(who).get(notificationsPath + "?type=account.low_balance&dedup_key=disk:db-2&cursor=" + cursor).wants(400)
		h.as(who).get(notificationsPath+"?dedup_key=disk:db-1").wants(422).complains("query/type", "required")
	}
	assert.Empty(t, h.as(h.stranger).get(notificationsPath+"?type=account.low_balance&dedup_key=disk:db-1").wants(200).items("id"))
}
