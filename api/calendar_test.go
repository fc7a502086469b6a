package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

const feedsPath = "/v1/calendar-feeds"

func (h *harness) calendarFeed() *answer {
	h.t.Helper()
	return h.as(h.root).post(feedsPath, object{"name": "Zoë's phone"}).wants(201)
}

func calendarRequests() map[string]func(*harness) request {
	return map[string]func(*harness) request{
		"calendar_feed.create": func(h *harness) request {
			return request{as: h.full, path: feedsPath, body: object{"name": "a"}, other: object{"name": "b"}}
		},
		"calendar_feed.rotate": func(h *harness) request {
			return request{as: h.full, path: h.calendarFeed().header.Get("Location") + "/rotate"}
		},
		"calendar_feed.delete": func(h *harness) request {
			return request{as: h.full, path: h.calendarFeed().header.Get("Location")}
		},
	}
}

// subscribe reads the feed at the address as a calendar would.
func (h *harness) subscribe(url string) *answer {
	h.t.Helper()
	path, ours := strings.CutPrefix(url, "https://belfry.example.com")
	require.True(h.t, ours, url)
	return h.as(h.anonymous).with("Accept", "text/calendar").get(path)
}

// entries parses a calendar; it fails on lines that RFC 5545 does not allow.
func entries(t *testing.T, a *answer) []*ics.VEvent {
	t.Helper()
	require.Equal(t, "text/calendar; charset=utf-8", a.header.Get("Content-Type"))
	text := string(a.body)
	require.True(t, utf8.ValidString(text))
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75, "a line has at most 75 octets: %q", line)
		require.NotContains(t, line, "\n")
		require.True(t, utf8.ValidString(line), "no character is torn: %q", line)
		require.LessOrEqual(t, strings.Count(line, ";VALUE="), 1, "a parameter stands once: %q", line)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	require.NoError(t, err)
	return cal.Events()
}

func TestACalendarShowsTheForecast(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.seed()
	awkward := "主节点; a, b \\ \"c\" 🦉" + strings.Repeat("长", 60)
	h.registered(func(b object) { b["name"] = awkward })
	h.registered(func(b object) { b["external_id"], b["name"] = "db-2", "reports" })
	h.as(h.stranger).post(feedsPath, object{"name": "other"}).wants(201)
	url := h.calendarFeed().field("url")
	first := h.subscribe(url).wants(200)
	list := entries(t, first)
	forecast := h.as(h.reader).get("/v1/reminders").wants(200)
	require.Len(t, list, 9)
	require.Len(t, forecast.items("at"), 9)
	for i, e := range list {
		at, err := e.GetStartAt()
		require.NoError(t, err)
		require.Equal(t, forecast.field("items", i, "at"), at.UTC().Format(time.RFC3339))
		require.Regexp(t, `^[0-9a-f]{32}@belfry\.example\.com$`, e.Id())
		require.Contains(t, e.GetProperty(ics.ComponentPropertyDescription).Value, awkward+" (db-1)")
		require.Contains(t, e.GetProperty(ics.ComponentPropertySummary).Value, "(+1)")
	}
	require.Contains(t, list[0].GetProperty(ics.ComponentPropertySummary).Value, "Expiry in 30 days: ")
	h.clock.advance(time.Hour)
	again := entries(t, h.subscribe(url).wants(200))
	for i := range list {
		require.Equal(t, list[i].Id(), again[i].Id(), "an entry keeps its id")
	}
	require.Empty(t, entries(t, h.subscribe(h.as(h.stranger).post(feedsPath, object{"name": "third"}).wants(201).field("url")).wants(200)), "another account's calendar")
}

func TestWhatADisabledTypeWouldTellIsNotForecast(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	path := h.registered(nil)
	url := h.calendarFeed().field("url")
	require.Equal(t, "product.expiry_30", h.as(h.reader).get("/v1/reminders").wants(200).field("items", 0, "type"))
	h.as(h.admin).patch("/v1/message-types/product.expiry_30", object{"enabled": false}).wants(200)
	for _, where := range []string{"/v1/reminders", path + "/reminders"} {
		types := h.as(h.reader).get(where).wants(200).items("type")
		require.Len(t, types, 8, where)
		require.NotContains(t, types, "product.expiry_30", where)
	}
	require.Len(t, entries(t, h.subscribe(url).wants(200)), 8)
}

func TestACalendarsAddressIsItsCredential(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	made := h.calendarFeed()
	url := made.field("url")
	h.subscribe(url).wants(200)
	list := h.as(h.reader).get(feedsPath).wants(200)
	require.Equal(t, []string{"Zoë's phone"}, list.items("name"))
	require.NotContains(t, string(list.body), "bf_", "it is shown once")
	for _, row := range h.logged(h.a.Account.ID) {
		require.NotContains(t, string(row.After), "bf_")
	}

	rotated := h.as(h.full).post(made.header.Get("Location")+"/rotate", nil).wants(200).field("url")
	require.NotEqual(t, url, rotated)
	h.subscribe(url).wants(404)
	h.subscribe(rotated).wants(200)
	h.as(h.anonymous).get("/v1/calendar/bf_" + strings.Repeat("a", 52) + ".ics").wants(404)
	h.as(h.anonymous).get(strings.TrimSuffix(strings.TrimPrefix(rotated, "https://belfry.example.com"), ".ics")).wants(404)

	h.as(h.admin).patch("/v1/accounts/"+string(h.a.Account.ID), object{"enabled": false}).wants(200)
	h.subscribe(rotated).wants(404)
	h.as(h.admin).patch("/v1/accounts/"+string(h.a.Account.ID), object{"enabled": true}).wants(200)
	h.subscribe(rotated).wants(200)
	h.as(h.stranger).delete(made.header.Get("Location")).wants(404)
	h.as(h.root).delete(made.header.Get("Location")).wants(204)
	h.subscribe(rotated).wants(404)
	h.as(h.root).post(made.header.Get("Location")+"/rotate", nil).wants(404)
}

func TestCalendarFeedsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for range models.MaxCalendarFeeds {
		h.calendarFeed()
	}
	refused := h.as(h.root).post(feedsPath, object{"name": "one more"}).wants(409).problem(models.CodeLimit)
	require.Contains(t, refused.field("detail"), fmt.Sprint(models.MaxCalendarFeeds))
}

func TestTheForecastSaysWhenWhatAndToWhom(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.seed()
	path := h.registered(nil)
	h.registered(func(b object) {
		b["external_id"], b["name"], b["ladder"], b["release_at"] = "db-2", "reports", []string{"30d", "36h"}, nil
	})
	all := h.as(h.reader).get("/v1/reminders").wants(200)
	types := all.items("type")
	require.Equal(t, []string{
		"product.expiry_30", "product.expiry_15", "product.expiry_7", "product.expiry_3", "product.expiry_3", "product.expiry_1",
		"product.expired", "product.release_3", "product.release_1", "product.released",
	}, types)
	require.Equal(t, []string{"2", "1", "1", "1", "1", "1", "2", "1", "1", "1"}, all.items("count"))
	require.Equal(t, "orders-db", all.field("items", 0, "resources", 0, "name"))
	require.Equal(t, "expiry-36h", all.field("items", 4, "resources", 0, "rung"))
	require.Empty(t, all.field("complete_until"))
	to := func(i int) []string {
		var lines []string
		for j := 0; all.field("items", i, "to", j, "channel") != ""; j++ {
			lines = append(lines, strings.TrimSpace(all.field("items", i, "to", j, "channel")+" "+all.field("items", i, "to", j, "reason")))
		}
		return lines
	}
	require.Contains(t, to(0), "inbox")
	require.True(t, slices.ContainsFunc(to(0), func(line string) bool { return strings.HasPrefix(line, "email") }), to(0))
	require.Equal(t, "true", all.field("items", 5, "to", 1, "locked"))

	one := h.as(h.reader).get(path + "/reminders").wants(200)
	require.Len(t, one.items("at"), 9)
	require.Equal(t, "2", one.field("items", 0, "count"))
	h.as(h.stranger).get(path + "/reminders").wants(404)
	require.Empty(t, h.as(h.stranger).get("/v1/reminders").wants(200).items("at"))

	var seen []string
	cursor := ""
	for range 10 {
		part := h.as(h.reader).get("/v1/reminders?limit=3&cursor=" + cursor).wants(200)
		seen = append(seen, part.items("type")...)
		if cursor = part.field("next_cursor"); cursor == "" {
			break
		}
	}
	require.Equal(t, types, seen)
	require.Len(t, h.as(h.reader).get("/v1/reminders?until=2026-04-01T00:00:00Z").wants(200).items("at"), 1)
	h.as(h.reader).get("/v1/reminders?until=2026-04-02T00:00:00Z&cursor=" + h.as(h.reader).get("/v1/reminders?limit=1").wants(200).field("next_cursor")).wants(400)
}
