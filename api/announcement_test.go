package api_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
)

const announcementsPath = "/v1/announcements"

// announcement is a body that alpha's product may submit, to all that it may address.
func announcement(change func(object)) object {
	body := object{"type": "activity.launch", "audience": object{"all": true}, "variables": object{"product_name": "Cloud Disk X2", "summary": "Faster."}}
	if change != nil {
		change(body)
	}
	return body
}

// announcementRequests are those of announcements, and of how long they are kept.
func announcementRequests() map[string]func(*harness) request {
	made := func(h *harness) string {
		h.seed()
		return h.as(h.admin).post(announcementsPath, announcement(nil)).wants(202).header.Get("Location")
	}
	all := map[string]func(*harness) request{
		"announcement.create": func(h *harness) request {
			h.seed()
			other := announcement(func(b object) { b["link"] = "/x2" })
			return request{as: h.admin, path: announcementsPath, body: announcement(nil), other: other}
		},
		"announcement.check": func(h *harness) request {
			h.seed()
			return request{as: h.admin, path: announcementsPath + "/check", body: announcement(nil), pure: true}
		},
		"announcement.pause": func(h *harness) request { return request{as: h.admin, path: made(h) + "/pause"} },
		"announcement.resume": func(h *harness) request {
			path := made(h)
			h.as(h.admin).post(path+"/pause", nil).wants(200)
			return request{as: h.admin, path: path + "/resume"}
		},
		"announcement.cancel": func(h *harness) request { return request{as: h.admin, path: made(h) + "/cancel"} },
	}
	maps.Copy(all, retentionRequests())
	return all
}

// announceAll does what the announcement's workflow does until nothing is due.
func (h *harness) announceAll(id string) {
	h.t.Helper()
	a := activities.New(activities.Config{}, activities.Dependencies{Store: h.store.Work(), Channels: h.channels, Renderer: catalog.NewRenderer(brand.Site{URL: "https://belfry.example.com"}), Now: h.clock.Now})
	for range 20 {
		s, err := a.Announce(h.t.Context(), activities.EntityRef{AccountID: models.Platform, ID: id})
		require.NoError(h.t, err)
		if s.Done || s.Wait > 0 {
			return
		}
	}
	h.t.Fatal("the announcement never ends")
}

func TestEveryAccountGetsItsPartOfAnAnnouncement(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	h.as(h.admin).patch("/v1/accounts/"+string(h.b.Account.ID), object{"language": "zh-CN"}).wants(200)
	made := h.as(h.admin).key("k").post(announcementsPath, announcement(func(b object) {
		b["link"], b["severity"], b["external_id"] = "/x2", "warning", "x2"
	})).wants(202)
	path := made.header.Get("Location")
	same(t, "state", made.field("state"), "scheduled")
	same(t, "total", made.field("progress", "total"), "2")
	h.announceAll(made.field("id"))

	got := h.as(h.admin).get(path).wants(200)
	for field, want := range map[string]string{"total": "2", "accepted": "2", "left": "0", "disabled": "0", "refused": "0"} {
		same(t, field, got.field("progress", field), want)
	}
	same(t, "state", got.field("state"), "done")
	same(t, "variable", got.field("variables", "product_name"), "Cloud Disk X2")
	for _, p := range []person{h.root, h.stranger} {
		list := h.as(p).get(notificationsPath).wants(200)
		require.Len(t, list.items("id"), 1)
		report := h.as(p).get(notificationsPath + "/" + list.field("items", 0, "id")).wants(200)
		for field, want := range map[string]string{
			"source": "announcement", "subject_id": made.field("id"), "severity": "warning", "link": "/x2", "product_id": "",
			"external_id": made.field("id") + "/" + string(p.account),
		} {
			same(t, field, report.field(field), want)
		}
		message := h.as(p).get(inboxPath + "?limit=1").wants(200)
		assert.Contains(t, message.field("items", 0, "title"), "Cloud Disk X2")
		same(t, "language", message.field("items", 0, "language"), map[string]string{"root": "en-US", "stranger": "zh-CN"}[p.name])
	}
	h.as(h.root).get(path).wants(403)
	for _, verb := range []string{"pause", "resume", "cancel"} {
		h.as(h.admin).post(path+"/"+verb, nil).wants(409).problem(models.CodeConflict)
	}
	again := h.as(h.admin).post(announcementsPath, announcement(func(b object) {
		b["link"], b["severity"], b["external_id"] = "/x2", "warning", "x2"
	})).wants(202)
	same(t, "the same external id", again.field("id"), made.field("id"))
	h.as(h.admin).post(announcementsPath, announcement(func(b object) { b["external_id"] = "x2" })).wants(409).problem(models.CodeConflict)
}

func TestACheckOfAnAnnouncementTellsWhomItWouldReach(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	check := announcementsPath + "/check"
	h.as(h.admin).patch("/v1/accounts/"+string(h.b.Account.ID), object{"enabled": false}).wants(200)
	got := h.as(h.admin).post(check, announcement(nil)).wants(200)
	same(t, "accounts", got.field("total"), "2")
	same(t, "disabled", got.field("disabled"), "1")
	same(t, "sample", got.field("samples", 0, "alias"), "alpha")
	same(t, "its product's", h.as(h.product).post(check, announcement(nil)).wants(200).field("total"), "1")
	one := announcement(func(b object) { b["audience"] = object{"accounts": []string{"beta"}} })
	same(t, "listed", h.as(h.admin).post(check, one).wants(200).field("total"), "1")
	h.as(h.product).post(check, one).wants(422).complains("#/audience/accounts/0", "unknown-value")
	h.as(h.admin).post(check, announcement(func(b object) { b["audience"] = object{} })).wants(422).complains("#/audience", "required")
	h.as(h.admin).post(check, announcement(func(b object) { b["variables"] = object{} })).wants(422)
	nobody := h.newProduct("nobody", []string{"activity.*"}, []string{})
	same(t, "whoever may address nobody", h.as(nobody).post(check, announcement(nil)).wants(200).field("total"), "0")
	assert.Empty(t, h.as(h.admin).get(announcementsPath).wants(200).items("id"), "nothing was made")
}

func TestProductsAnnounceWhatAndToWhomTheyMay(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	other := h.newProduct("other", []string{"activity.*"}, []string{"*"})
	made := h.as(h.product).post(announcementsPath, announcement(nil)).wants(202)
	same(t, "those that it may address", made.field("progress", "total"), "1")
	h.announceAll(made.field("id"))
	assert.Empty(t, h.as(h.stranger).get(notificationsPath).wants(200).items("id"))
	assert.Len(t, h.as(h.root).get(notificationsPath).wants(200).items("id"), 1)
	assert.Equal(t, []string{"announcement"}, h.as(h.product).get(notificationsPath).wants(200).items("source"), "it sees what came of it")

	listed := func(names ...string) object {
		return announcement(func(b object) { b["audience"] = object{"accounts": names} })
	}
	foreign := h.as(h.product).post(announcementsPath, listed("alpha", "beta", string(h.b.Account.ID), "gamma")).wants(422)
	for i := 1; i < 4; i++ {
		foreign.complains(fmt.Sprint("#/audience/accounts/", i), "unknown-value")
	}
	assert.NotContains(t, string(foreign.body), "#/audience/accounts/0")
	h.as(other).post(announcementsPath, announcement(func(b object) { b["type"], b["variables"] = "account.low_balance", object{"balance": "1"} })).wants(403)
	for _, request := range []func(string) *answer{
		h.as(other).get,
		func(path string) *answer { return h.as(other).post(path+"/pause", nil) },
		func(path string) *answer { return h.as(other).post(path+"/resume", nil) },
		func(path string) *answer { return h.as(other).post(path+"/cancel", nil) },
	} {
		request(made.header.Get("Location")).wants(404)
	}
	assert.Empty(t, h.as(other).get(announcementsPath).wants(200).items("id"))
	assert.Len(t, h.as(h.product).get(announcementsPath).wants(200).items("id"), 1)
	assert.Len(t, h.as(h.admin).get(announcementsPath).wants(200).items("id"), 1)
	assert.Empty(t, h.as(h.admin).get(announcementsPath+"?state=running").wants(200).items("id"))
	assert.Empty(t, h.as(h.admin).get(announcementsPath+"?type=account.bill").wants(200).items("id"))
}

func TestWhatProductsAnnounceIsLogged(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	before := len(h.logged(models.Platform))
	shop := h.as(h.product)
	path := shop.post(announcementsPath, announcement(nil)).wants(202).header.Get("Location")
	for _, verb := range []string{"pause", "resume", "cancel"} {
		shop.post(path+"/"+verb, nil).wants(200)
	}
	rows := h.logged(models.Platform)
	rows = rows[:len(rows)-before] // newest first
	var got []string
	for _, row := range rows {
		got = append(got, row.Action)
		assert.Equal(t, []string{"product", h.productID, "announcement", path}, []string{
			string(row.ActorKind), row.ActorID, row.ObjectKind, announcementsPath + "/" + row.ObjectID,
		})
	}
	assert.Equal(t, []string{"announcement.cancel", "announcement.resume", "announcement.pause", "announcement.create"}, got)
}

func TestAnAnnouncementIsCheckedWhole(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	c := h.as(h.admin)
	refused := func(change func(object)) *answer { return c.post(announcementsPath, announcement(change)).wants(422) }
	refused(func(b object) { b["audience"] = object{} }).complains("#/audience", "required")
	refused(func(b object) { b["audience"] = object{"all": true, "language": "zh-CN"} }).complains("#/audience/all", "conflict")
	refused(func(b object) { b["audience"] = object{"time_zone": "Mars/Olympus"} }).complains("#/audience/time_zone", "unknown-value")
	refused(func(b object) { b["audience"] = object{"alias_prefix": "a%"} })
	refused(func(b object) { b["audience"] = object{"accounts": []string{}} })
	refused(func(b object) { b["audience"] = object{"accounts": make([]string, 10_001)} })
	refused(func(b object) { b["audience"] = object{"accounts": []string{"platform"}} }).complains("#/audience/accounts/0", "unknown-value")
	refused(func(b object) {
		b["audience"] = object{"created_from": "2026-02-01T00:00:00Z", "created_to": "2026-02-01T00:00:00Z"}
	}).complains("#/audience/created_to", "too-small")
	refused(func(b object) { b["schedule_at"] = "2026-02-01T00:00:00Z" }).complains("#/schedule_at", "in-the-past")
	refused(func(b object) { b["schedule_at"] = "2028-02-01T00:00:00Z" }).complains("#/schedule_at", "too-far")
	refused(func(b object) { b["expires_at"] = "2026-03-01T08:00:00Z" }).complains("#/expires_at", "in-the-past")
	refused(func(b object) { b["variables"] = object{"planet": "Mars"} }).complains("#/variables/planet", "unknown")
	refused(func(b object) { b["accounts_per_minute"] = 0 })
	refused(func(b object) { b["type"] = "no.such" }).complains("#/type", "unknown-value")
	c.patch("/v1/message-types/activity.launch", object{"enabled": false}).wants(200)
	refused(nil).complains("#/type", "disabled")
	assert.Empty(t, c.get(announcementsPath).wants(200).items("id"))
}

func TestAListNamesEachAccountOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	made := h.as(h.admin).post(announcementsPath, announcement(func(b object) {
		b["audience"] = object{"accounts": []string{"alpha", string(h.a.Account.ID), "alpha", "beta"}, "language": "en-US"}
	})).wants(202)
	same(t, "listed", made.field("audience", "accounts"), "2")
	same(t, "total", made.field("progress", "total"), "2")
	h.as(h.admin).patch("/v1/accounts/"+string(h.b.Account.ID), object{"enabled": false}).wants(200)
	h.announceAll(made.field("id"))
	got := h.as(h.admin).get(made.header.Get("Location")).wants(200)
	same(t, "progress", []string{got.field("progress", "accepted"), got.field("progress", "disabled")}, []string{"1", "1"})
}

func TestARepeatedAnnouncementIsAnsweredAfterItsTime(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	body := announcement(func(b object) { b["schedule_at"], b["external_id"] = h.clock.Now().Add(time.Hour), "once" })
	first := h.as(h.admin).key("k").post(announcementsPath, body).wants(202)
	h.clock.advance(2 * time.Hour)
	same(t, "by external id", h.as(h.admin).post(announcementsPath, body).wants(202).field("id"), first.field("id"))
	h.as(h.admin).patch("/v1/message-types/activity.launch", object{"enabled": false}).wants(200)
	same(t, "by key", h.as(h.admin).key("k").post(announcementsPath, body).wants(202).field("id"), first.field("id"))
}

func TestTheAudienceIsWhoIsThereWhenItBegins(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	made := h.as(h.admin).post(announcementsPath, announcement(func(b object) {
		b["audience"], b["accounts_per_minute"] = object{"alias_prefix": "new-"}, 60
	})).wants(202)
	account := func(alias string) {
		body := object{
			"alias": alias, "name": alias, "root": object{"name": "root", "password": goodPassword},
			"addresses": []object{{"channel": "email", "value": "a@" + alias + ".example"}},
		}
		h.as(h.admin).post("/v1/accounts", body).wants(201)
	}
	account("new-one")
	account("new-two")
	h.announceAll(made.field("id"))
	h.clock.advance(time.Second)
	account("new-three")
	h.clock.advance(time.Minute)
	for range 3 {
		h.announceAll(made.field("id"))
		h.clock.advance(time.Minute)
	}
	got := h.as(h.admin).get(made.header.Get("Location")).wants(200)
	same(t, "state", got.field("state"), "done")
	same(t, "accepted", got.field("progress", "accepted"), "2")
	assert.NotEqual(t, "0", got.field("progress", "accounts_per_minute"))
	if strings.Contains(string(got.body), "new-three") {
		t.Error("it is none of the audience")
	}
}
