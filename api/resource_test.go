package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

const resourcesPath = "/v1/resources"

// resource is one that the shop registers for alpha; the harness's clock stands at
// noon minus four hours of 1 March 2026.
func resource(change func(object)) object {
	body := object{
		"account": "alpha", "external_id": "db-1", "kind": "instance", "name": "orders-db",
		"expires_at": "2026-04-27T15:30:00+08:00", "release_at": "2026-05-04T15:30:00+08:00",
	}
	if change != nil {
		change(body)
	}
	return body
}

func (h *harness) registered(change func(object)) string {
	h.t.Helper()
	return resourcesPath + "/" + h.as(h.product).post(resourcesPath, resource(change)).wants(201).field("id")
}

func resourceRequests() map[string]func(*harness) request {
	later := object{"expires_at": "2027-04-27T00:00:00Z"}
	return map[string]func(*harness) request{
		"resource.put": func(h *harness) request {
			other := resource(func(b object) { b["name"] = "other" })
			return request{as: h.product, path: resourcesPath, body: resource(nil), other: other, unlogged: true}
		},
		"resource.put_batch": func(h *harness) request {
			body := object{"items": []object{resource(nil), resource(func(b object) { b["account"] = "nobody" })}}
			return request{as: h.product, path: resourcesPath + "/batch", body: body, other: object{"items": []object{resource(nil)}}, unlogged: true}
		},
		"resource.update": func(h *harness) request {
			return request{as: h.product, path: h.registered(nil), body: object{"name": "a"}, other: object{"name": "b"}, unlogged: true}
		},
		"resource.renew": func(h *harness) request {
			return request{as: h.product, path: h.registered(nil) + "/renew", body: later, other: object{"expires_at": "2028-04-27T00:00:00Z"}, unlogged: true}
		},
		"resource.will_not_renew": func(h *harness) request {
			return request{as: h.product, path: h.registered(nil) + "/will-not-renew", unlogged: true, body: object{"version": 1}, other: object{"version": 2}}
		},
		"resource.release": func(h *harness) request {
			return request{as: h.product, path: h.registered(nil) + "/release", unlogged: true, body: object{"version": 1}, other: object{"version": 2}}
		},
		"resource.delete": func(h *harness) request {
			return request{as: h.product, path: h.registered(nil), unlogged: true}
		},
	}
}

func TestRegisteringAResourceWakesItsWorkflow(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	made := h.as(h.product).post(resourcesPath, resource(nil)).wants(201)
	require.Equal(t, "created", made.field("result"))
	require.Equal(t, "2026-04-27T07:30:00Z", made.field("expires_at"))
	require.Equal(t, "active", made.field("state"))
	require.Equal(t, string(h.a.Account.ID), made.field("account_id"))
	require.Equal(t, h.productID, made.field("product_id"))
	require.Equal(t, resourcesPath+"/"+made.field("id"), made.header.Get("Location"))
	require.True(t, strings.HasPrefix(made.field("next_reminder_at"), "2026-03-28T09:"), made.field("next_reminder_at"))
	forecast := h.as(h.root).get("/v1/resources/" + made.field("id") + "/reminders").wants(200)
	require.Equal(t, forecast.field("items", 0, "at"), made.field("next_reminder_at"), "what is forecast is when the workflow wakes")
	woken, err := h.store.Wakeups().ClaimWakeups(t.Context(), time.Minute, 10)
	require.NoError(t, err)
	require.Len(t, woken, 1)
	require.Equal(t, models.Entity{Kind: models.EntityResource, AccountID: h.a.Account.ID, ID: made.field("id")}, woken[0].Entity())
	require.Empty(t, h.logged(models.Platform), "what a product feeds is a record by itself")
}

func TestAResourceIsFedAsOftenAsItsProductLikes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	version := func(v int, change func(object)) object {
		return resource(func(b object) {
			b["version"] = v
			if change != nil {
				change(b)
			}
		})
	}
	shop := h.as(h.product)
	id := shop.post(resourcesPath, version(5, nil)).wants(201).field("id")
	again := shop.post(resourcesPath, version(5, func(b object) { b["name"] = "ignored" })).wants(200)
	require.Equal(t, []string{"unchanged", "orders-db"}, []string{again.field("result"), again.field("name")})
	shop.post(resourcesPath, version(4, nil)).wants(412).problem(models.CodeStale)
	newer := shop.post(resourcesPath, version(6, func(b object) { b["expires_at"] = "2027-04-27T00:00:00Z"; delete(b, "release_at") })).wants(200)
	require.Equal(t, []string{"changed", id, "6", ""}, []string{newer.field("result"), newer.field("id"), newer.field("version"), newer.field("release_at")})
	require.Equal(t, "unchanged", shop.post(resourcesPath, version(7, func(b object) { b["expires_at"] = "2027-04-27T00:00:00Z"; delete(b, "release_at") })).wants(200).field("result"))
	shop.post(resourcesPath, version(6, nil)).wants(412)

	shop.delete(resourcesPath + "/" + id + "?version=9").wants(204)
	shop.get(resourcesPath + "/" + id).wants(404)
	shop.delete(resourcesPath + "/" + id).wants(404)
	shop.post(resourcesPath, version(8, nil)).wants(412)
	require.Equal(t, "created", shop.post(resourcesPath, version(10, nil)).wants(201).field("result"))
}

func TestAFeedMayBeginWithTheEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	shop := h.as(h.product)
	say := func(version int, state string) object {
		return resource(func(b object) { b["version"], b["state"] = version, state })
	}
	gone := shop.post(resourcesPath, say(5, "deleted")).wants(200)
	require.Equal(t, []string{"unchanged", ""}, []string{gone.field("result"), gone.header.Get("Location")}, "there is nothing to look at")
	shop.post(resourcesPath, say(4, "active")).wants(412).problem(models.CodeStale)
	require.Empty(t, shop.get(resourcesPath).wants(200).items("id"))
	require.Equal(t, "created", shop.post(resourcesPath, say(6, "active")).wants(201).field("result"))
	batch := shop.post(resourcesPath+"/batch", object{"items": []object{
		resource(func(b object) { b["external_id"], b["state"] = "new", "deleted" }),
		resource(func(b object) { b["external_id"], b["version"] = "new", 1 }),
	}}).wants(200)
	require.Equal(t, []string{"unchanged", "created"}, batch.items("result"))
}

func TestBadDatesAreNamed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	put := func(name, value string) *answer {
		return h.as(h.product).post(resourcesPath, resource(func(b object) { b[name] = value })).wants(422)
	}
	put("release_at", "2026-04-27T15:29:59+08:00").complains("#/release_at", "before-expiry")
	put("expires_at", "9999-12-31T23:59:59Z").complains("#/expires_at", "too-far")
	put("expires_at", "2036-03-01T00:00:00Z").complains("#/expires_at", "too-far")
	put("expires_at", "0001-01-01T00:00:00Z").complains("#/expires_at", "too-long-ago")
	put("release_at", "9999-12-31T23:59:59Z").complains("#/release_at", "too-far")
	for _, text := range []string{"2026-04-27T15:30:00", "2026-04-27", "2026-02-29T00:00:00Z", "2026-04-27T15:30:00+99:99", "tomorrow", "", "2026-04-27T24:00:00Z"} {
		refused := put("expires_at", text).complains("#/expires_at", "invalid-format")
		require.Contains(t, refused.field("errors", 0, "detail"), "with its zone", text)
	}
	h.as(h.reader).get(resourcesPath+"?expiring_before=2026-04-27T15:30:00").wants(422).complains("query/expiring_before", "invalid-format")
	h.as(h.product).post(resourcesPath, resource(func(b object) { b["ladder"] = []string{"3d", "72h"} })).wants(422).complains("#/ladder/1", "duplicate")
	h.as(h.product).post(resourcesPath, resource(func(b object) { b["release_ladder"] = []string{"soon"} })).wants(422).complains("#/release_ladder/0", "invalid-value")
	h.as(h.product).post(resourcesPath, resource(func(b object) { b["ladder"] = []string{} })).wants(422)
	h.as(h.product).post(resourcesPath, resource(func(b object) { b["ladder"] = strings.Split("1d,2d,3d,4d,5d,6d,7d,8d,9d,10d,11d", ",") })).wants(422)
	h.as(h.product).post(resourcesPath, resource(func(b object) { b["account"] = "beta" })).wants(404).complains("#/account", "unknown-value")
}

func TestWhoseResourcesIsNamedByTheQuery(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.product).get(resourcesPath+"?account=beta").wants(404).complains("query/account", "unknown-value")
	h.as(h.admin).get(resourcesPath+"?account=nobody").wants(404).complains("query/account", "unknown-value")
	h.as(h.admin).get(resourcesPath).wants(422).complains("query/account", "required")
}

func TestNullTakesAwayWhatAResourceNeedNotHave(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := h.registered(func(b object) { b["ladder"], b["release_ladder"] = []string{"2d"}, []string{"12h"} })
	shop := h.as(h.product)
	never := shop.patch(path, object{"release_at": nil}).wants(200)
	require.Equal(t, []string{"changed", "", "2d"}, []string{never.field("result"), never.field("release_at"), never.field("ladder", 0)})
	plain := shop.patch(path, object{"ladder": nil}).wants(200)
	require.Equal(t, []string{"", "12h"}, []string{plain.field("ladder", 0), plain.field("release_ladder", 0)})
	require.True(t, strings.HasPrefix(plain.field("next_reminder_at"), "2026-03-28T09:"), "the platform's ladder counts again")
	both := shop.patch(path, object{"release_ladder": nil, "ladder": []string{"3d"}}).wants(200)
	require.Equal(t, []string{"3d", ""}, []string{both.field("ladder", 0), both.field("release_ladder", 0)})
	shop.patch(path, object{"ladder": nil}).wants(200)
	require.Equal(t, "unchanged", shop.patch(path, object{"ladder": nil, "release_at": nil}).wants(200).field("result"))
	for _, name := range []string{"expires_at", "name", "kind", "version"} {
		require.Contains(t, []int{200, 422}, shop.patch(path, object{name: nil}).status)
	}
	require.Equal(t, "orders-db", shop.get(path).wants(200).field("name"))
}

func TestResourcesInBulkHaveAResultEach(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	item := func(id string, change func(object)) object {
		return resource(func(b object) {
			b["external_id"] = id
			if change != nil {
				change(b)
			}
		})
	}
	h.registered(func(b object) { b["external_id"], b["version"] = "old", 9 })
	out := h.as(h.product).post(resourcesPath+"/batch", object{"items": []object{
		item("a", nil),
		item("b", func(b object) { b["expires_at"] = "9999-01-01T00:00:00Z" }),
		item("old", func(b object) { b["version"] = 8 }),
		item("c", func(b object) { b["account"] = "beta" }),
		item("a", nil),
		item("a", func(b object) { b["state"] = "will_not_renew" }),
		item("old", func(b object) { b["version"], b["state"] = 10, "released" }),
	}}).wants(200)
	require.Equal(t, []string{"201", "422", "412", "404", "200", "200", "200"}, out.items("status"))
	require.Equal(t, []string{"created", "<nil>", "<nil>", "<nil>", "unchanged", "changed", "changed"}, out.items("result"))
	require.Contains(t, string(out.body), `"#/items/1/expires_at"`)
	list := h.as(h.root).get(resourcesPath).wants(200)
	require.Equal(t, []string{"a", "old"}, list.items("external_id"))
	require.Equal(t, []string{"will_not_renew", "released"}, list.items("state"))
}

func TestAThousandResourcesAreOneRequest(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	many := func(n int) object {
		items := make([]object, n)
		for i := range items {
			items[i] = resource(func(b object) { b["external_id"] = fmt.Sprint("db-", i) })
		}
		return object{"items": items}
	}
	h.as(h.product).post(resourcesPath+"/batch", many(1001)).wants(422)
	first := h.as(h.product).post(resourcesPath+"/batch", many(1000)).wants(200)
	require.Len(t, first.items("id"), 1000)
	again := h.as(h.product).post(resourcesPath+"/batch", many(1000)).wants(200)
	require.Equal(t, first.items("id"), again.items("id"))
	require.NotContains(t, again.items("result"), "created")
}

func TestRenewingReleasingAndTheRest(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := h.registered(nil)
	shop := h.as(h.product)
	renewed := shop.post(path+"/renew", object{"expires_at": "2027-04-27T07:30:00Z"}).wants(200)
	require.Equal(t, "2027-05-04T07:30:00Z", renewed.field("release_at"), "released as long after as before")
	require.True(t, strings.HasPrefix(renewed.field("next_reminder_at"), "2027-03-28T09:"))
	ended := shop.post(path+"/will-not-renew", nil).wants(200)
	require.Equal(t, []string{"will_not_renew", "2027-04-27T07:30:00Z"}, []string{ended.field("state"), ended.field("next_reminder_at")})
	renewed = shop.post(path+"/renew", object{"expires_at": "2028-04-27T07:30:00Z", "release_at": "2028-04-28T00:00:00Z"}).wants(200)
	require.Equal(t, []string{"active", "2028-04-28T00:00:00Z"}, []string{renewed.field("state"), renewed.field("release_at")})
	shop.post(path+"/renew", object{"expires_at": "2028-04-29T07:30:00Z", "release_at": "2028-04-28T00:00:00Z"}).wants(422).complains("#/release_at", "before-expiry")
	named := shop.patch(path, object{"name": "billing-db", "ladder": []string{"2d"}}).wants(200)
	require.Equal(t, "billing-db", named.field("name"))
	require.Equal(t, "2d", named.field("ladder", 0))
	require.Equal(t, "1d", shop.patch(path, object{"release_ladder": []string{"24h"}}).wants(200).field("release_ladder", 0))
	require.Equal(t, "2d", shop.get(path).wants(200).field("ladder", 0), "the other list stays")
	released := shop.post(path+"/release", nil).wants(200)
	require.Equal(t, []string{"released", ""}, []string{released.field("state"), released.field("next_reminder_at")})
	require.Equal(t, "unchanged", shop.post(path+"/release", nil).wants(200).field("result"))
}

func TestListsOfResourcesFilter(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.registered(nil)
	h.clock.advance(time.Second)
	h.registered(func(b object) {
		b["external_id"], b["kind"], b["expires_at"] = "disk-1", "disk", "2026-03-02T00:00:00Z"
	})
	second := h.newProduct("bank", []string{"*"}, []string{"*"})
	h.clock.advance(time.Second)
	h.as(second).post(resourcesPath, resource(func(b object) { b["state"] = "will_not_renew" })).wants(201)
	h.as(second).post(resourcesPath, resource(func(b object) { b["account"] = "beta" })).wants(201)
	for query, want := range map[string][]string{
		"":                                       {"db-1", "disk-1", "db-1"},
		"?kind=disk":                             {"disk-1"},
		"?state=will_not_renew":                  {"db-1"},
		"?external_id=disk-1":                    {"disk-1"},
		"?external_id=DISK-1":                    {},
		"?product=" + second.id:                  {"db-1"},
		"?expiring_before=2026-03-02T00:00:00Z":  {},
		"?expiring_before=2026-03-02T00:00:01Z":  {"disk-1"},
		"?state=active&product=" + h.productID:   {"disk-1", "db-1"},
		"?state=released":                        {},
		"?account=beta":                          {"db-1", "disk-1", "db-1"}, // one's own, whatever is asked for
		"?kind=instance&product=" + h.product.id: {"db-1"},
	} {
		require.Equal(t, want, h.as(h.reader).get(resourcesPath+query).wants(200).items("external_id"), query)
	}
	h.as(h.reader).get(resourcesPath + "?product=" + strings.Repeat("x", 30)).wants(422)
	require.Len(t, h.as(second).get(resourcesPath).wants(200).items("id"), 2, "in any account")
	require.Len(t, h.as(second).get(resourcesPath+"?account=beta").wants(200).items("id"), 1)
	require.Empty(t, h.as(second).get(resourcesPath+"?product="+h.productID).wants(200).items("id"))
	h.as(h.product).get(resourcesPath + "?account=beta").wants(404)
	h.as(h.admin).get(resourcesPath).wants(422).complains("query/account", "required")
	require.Len(t, h.as(h.admin).get(resourcesPath+"?account=alpha").wants(200).items("id"), 3)
	page := h.as(h.reader).get(resourcesPath + "?limit=2").wants(200)
	require.Equal(t, []string{"db-1"}, h.as(h.reader).get(resourcesPath+"?limit=2&cursor="+page.field("next_cursor")).wants(200).items("external_id"))
}

func TestProductsSeeAndChangeTheirOwnResourcesOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := h.registered(nil)
	other := h.newProduct("bank", []string{"*"}, []string{"*"})
	h.as(other).get(path).wants(404)
	h.as(other).delete(path).wants(404)
	h.as(other).patch(path, object{"name": "mine"}).wants(404)
	h.as(other).post(path+"/release", nil).wants(404)
	h.as(h.stranger).get(path).wants(404)
	require.Equal(t, "orders-db", h.as(h.reader).get(path).wants(200).field("name"))
	require.Equal(t, "orders-db", h.as(h.admin).get(path).wants(200).field("name"))
}

func TestAResourceShowsTheRemindersThatWereSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := h.registered(nil)
	id := strings.TrimPrefix(path, resourcesPath+"/")
	r, err := h.store.Remindings().Resource(t.Context(), h.a.Account.ID, id)
	require.NoError(t, err)
	reminder := models.Reminder{ResourceID: id, Deadline: r.ExpiresAt, Rung: "expiry-30d", DueAt: *r.NextAt}
	done, err := h.store.Remindings().Remind(t.Context(), h.a.Account.ID, models.Reminding{Steps: []models.ReminderStep{{Resource: r, Reminder: &reminder, Acceptance: -1}}})
	require.NoError(t, err)
	require.True(t, done)
	got := h.as(h.reader).get(path).wants(200)
	require.Equal(t, "expiry-30d", got.field("reminders", 0, "rung"))
	require.Equal(t, "2026-04-27T07:30:00Z", got.field("reminders", 0, "deadline"))
}

func TestAnotherTimeZoneMovesReminders(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := strings.TrimPrefix(h.registered(nil), resourcesPath+"/")
	claim := func() []models.Wakeup {
		woken, err := h.store.Wakeups().ClaimWakeups(t.Context(), time.Minute, 10)
		require.NoError(t, err)
		for _, w := range woken {
			require.NoError(t, h.store.Wakeups().ReleaseWakeups(t.Context(), []models.Wakeup{w}, time.Minute))
		}
		return woken
	}
	require.Len(t, claim(), 1)
	h.as(h.root).patch("/v1/account", object{"name": "The alpha"}).wants(200)
	require.Empty(t, claim(), "a name moves nothing")
	h.as(h.root).patch("/v1/account", object{"time_zone": "Asia/Shanghai"}).wants(200)
	require.Len(t, claim(), 1)
	r, err := h.store.Remindings().Resource(t.Context(), h.a.Account.ID, id)
	require.NoError(t, err)
	require.True(t, r.NextAt.Equal(h.clock.Now()), "its workflow computes the instant anew")
	h.as(h.admin).patch("/v1/accounts/"+string(h.a.Account.ID), object{"time_zone": "UTC"}).wants(200)
	require.Len(t, claim(), 1)
}
