package api_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
)

const retentionPath = "/v1/retention"

func retentionRequests() map[string]func(*harness) request {
	body := func(days int) object {
		return object{"messages": object{"days": days, "categories": object{"activity": 30}}, "notifications": object{"days": 0}}
	}
	return map[string]func(*harness) request{
		"retention.update": func(h *harness) request {
			h.seed()
			return request{as: h.admin, path: retentionPath, body: body(365), other: body(366)}
		},
	}
}

func TestRetentionIsAnOperatorsDecision(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	first := h.as(h.admin).get(retentionPath).wants(200)
	same(t, "shipped", []string{first.field("messages", "days"), first.field("notifications", "days")}, []string{"365", "365"})
	body := object{"messages": object{"days": 365, "categories": object{"activity": 30, "security": 0}}, "notifications": object{"days": 730}}
	h.as(h.admin).ifMatch(first).put(retentionPath, body).wants(200)
	h.as(h.admin).ifMatch(first).put(retentionPath, body).wants(412).problem(models.CodeStale)
	got := h.as(h.admin).get(retentionPath).wants(200)
	same(t, "rule", got.field("messages", "categories", "activity")+" "+got.field("notifications", "days")+" "+got.field("version"), "30 730 2")
	row := h.logged(models.Platform)[1]
	assert.Equal(t, "retention.update", row.Action)
	assert.Equal(t, models.ResultSucceeded, row.Result)

	for pointer, bad := range map[string]object{
		"#/messages/days":                    {"messages": object{"days": 6}, "notifications": object{"days": 7}},
		"#/notifications/days":               {"messages": object{"days": 0}, "notifications": object{"days": 1}},
		"#/messages/categories/activity":     {"messages": object{"days": 7, "categories": object{"activity": -1}}, "notifications": object{"days": 7}},
		"#/notifications/categories/bill":    {"messages": object{"days": 7}, "notifications": object{"days": 7, "categories": object{"bill": 7}}},
		"#/notifications/categories/account": {"messages": object{"days": 7}, "notifications": object{"days": 7, "categories": object{"account": 3651}}},
	} {
		code := "out-of-range"
		if pointer == "#/notifications/categories/bill" {
			code = "unknown-value"
		}
		h.as(h.admin).put(retentionPath, bad).wants(422).complains(pointer, code)
	}
	odd := object{"messages": object{"days": 7, "categories": object{"a/b~c": 7}}, "notifications": object{"days": 7}}
	h.as(h.admin).put(retentionPath, odd).wants(422).complains("#/messages/categories/a~1b~0c", "unknown-value")
	h.as(h.admin).put(retentionPath, object{"messages": object{"days": 4000}, "notifications": object{"days": 7}}).wants(422)
	h.as(h.admin).put(retentionPath, object{"messages": object{"days": 30}}).wants(422)
}
