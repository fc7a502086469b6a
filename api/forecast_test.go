package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// foreseen are all messages of the forecast, read in pages: when, what, and of how many.
func (h *harness) foreseen(query string) (lines []string, told int) {
	h.t.Helper()
	cursor := ""
	for {
		page := h.as(h.reader).get("/v1/reminders?" + query + "&cursor=" + url.QueryEscape(cursor)).wants(200)
		require.Empty(h.t, page.field("complete_until"))
		at, types, counts := page.items("at"), page.items("type"), page.items("count")
		for i := range at {
			count, err := strconv.Atoi(counts[i])
			require.NoError(h.t, err)
			lines = append(lines, at[i]+" "+types[i]+" "+counts[i])
			told += count
		}
		if cursor = page.field("next_cursor"); cursor == "" {
			return lines, told
		}
	}
}

// TestAForecastOfManyResourcesIsTheSameInAnyPages has more resources than are looked at
// for a first page, and some whose reminders are all later than those.
func TestAForecastOfManyResourcesIsTheSameInAnyPages(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.seed()
	const resources, rungs = 450, 6
	items := make([]object, resources)
	for i := range items {
		items[i] = resource(func(b object) {
			b["external_id"], b["name"], b["release_at"] = fmt.Sprint(i), fmt.Sprint("db-", i), nil
			b["expires_at"] = h.clock.Now().Add(40*24*time.Hour + time.Duration(i)*7*time.Hour)
		})
	}
	registered := h.as(h.product).post("/v1/resources/batch", object{"items": items}).wants(200).items("result")
	require.False(t, slices.ContainsFunc(registered, func(each string) bool { return each != "created" }), registered)
	all, told := h.foreseen("limit=100")
	require.Equal(t, resources*rungs, told, "every rung of every resource is told of once")
	require.True(t, slices.IsSorted(all), all)
	few, toldInFew := h.foreseen("limit=37")
	require.Equal(t, all, few)
	require.Equal(t, told, toldInFew)

	until := h.clock.Now().Add(20 * 24 * time.Hour)
	soon, _ := h.foreseen("limit=100&until=" + url.QueryEscape(until.Format(time.RFC3339)))
	require.NotEmpty(t, soon)
	require.Equal(t, all[:len(soon)], soon)
	require.GreaterOrEqual(t, all[len(soon)], until.Format(time.RFC3339))
}
