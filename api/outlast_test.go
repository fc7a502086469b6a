package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
)

// ways are how a person's rights in an account end. Each is asked without confirmation first.
func ways() map[string]func(h *harness, p person, query string) *answer {
	return map[string]func(h *harness, p person, query string) *answer{
		"revoked": func(h *harness, p person, query string) *answer {
			grants := h.as(h.root).get("/v1/grants?user_id=" + p.id).wants(200)
			return h.as(h.root).send(http.MethodDelete, "/v1/grants/"+grants.field("items", 0, "id")+query, nil)
		},
		"disabled": func(h *harness, p person, query string) *answer {
			return h.as(h.root).patch("/v1/users/"+p.id+query, object{"enabled": false})
		},
		"deleted": func(h *harness, p person, query string) *answer {
			return h.as(h.root).send(http.MethodDelete, "/v1/users/"+p.id+query, nil)
		},
	}
}

// TestWhatAPersonMadeEndsWithTheRight: feeds, keys and sessions, for each way in which the
// right ends. Event streams have a test of their own.
func TestWhatAPersonMadeEndsWithTheRight(t *testing.T) {
	t.Parallel()
	for way, end := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			made := h.as(h.full).post(feedsPath, object{"name": "phone"}).wants(201).field("url")
			roots := h.calendarFeed().field("url")
			secret := h.as(h.full).post("/v1/me/access-keys", object{"name": "script"}).wants(201).field("key")
			key := person{name: "key", id: h.full.id, account: h.full.account, token: secret}
			h.subscribe(made).wants(200)
			h.as(key).get("/v1/contacts").wants(200)

			if got := end(h, h.full, ""); got.status >= 300 {
				t.Fatalf("%s = %d: feeds, keys and sessions end by themselves, nobody needs to confirm: %s", way, got.status, got.body)
			}
			h.clock.advance(2 * time.Second)
			h.subscribe(made).wants(404)
			for _, p := range []person{key, h.full} {
				got := h.as(p).get("/v1/contacts")
				require.Contains(t, []int{401, 403}, got.status, "%s after %s", p.name, way)
			}
			h.subscribe(roots).wants(200)
		})
	}
}

func TestAFeedIsOfWhoMadeItsAddress(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	feed := h.as(h.full).post(feedsPath, object{"name": "team"}).wants(201)
	rotated := h.as(h.root).post(feed.header.Get("Location")+"/rotate", nil).wants(200)
	h.as(h.root).send(http.MethodDelete, "/v1/users/"+h.full.id, nil).wants(204)
	h.clock.advance(2 * time.Second)
	h.subscribe(rotated.field("url")).wants(200)
	h.subscribe(feed.field("url")).wants(404)
}

// TestWhatGoesOnIsNamedBeforeTheRightEnds: bots, for each way; and the user's own contact,
// unless only a grant ends.
func TestWhatGoesOnIsNamedBeforeTheRightEnds(t *testing.T) {
	t.Parallel()
	for way, end := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.offerContacts()
			h.offerWebhooks()
			bot := h.as(h.full).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201)
			h.as(h.root).post("/v1/bots", webhookBot("https://hooks.example.com/y")).wants(201)
			h.as(h.full).put("/v1/me/contact?confirm=true", object{"name": "Full", "addresses": []object{{"channel": "email", "value": "full@example.org"}}}).wants(200)

			refused := end(h, h.full, "").wants(409).problem(models.CodeConfirm).complains("bots/"+bot.field("id"), "outlasts")
			require.Equal(t, way != "revoked", strings.Contains(string(refused.body), "contacts/ctc_"), "the contact is kept by every user, and is named when the user ends")
			require.Equal(t, 1, strings.Count(string(refused.body), `"bots/`), "the bots of others are no concern of this")
			h.as(h.full).get("/v1/bots").wants(200)

			require.Less(t, end(h, h.full, "?confirm=true").status, 300)
			h.as(h.root).get(bot.header.Get("Location")).wants(200)
		})
	}
}

func TestABotThatIsGoneIsNotNamed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.offerWebhooks()
	bot := h.as(h.full).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201)
	h.as(h.root).patch(bot.header.Get("Location"), object{"enabled": false}).wants(200)
	h.as(h.root).send(http.MethodDelete, "/v1/users/"+h.full.id, nil).wants(204)
}

// TestAnnouncementsOfAnOperatorAreNamedFirst: they are the platform's and go on, whichever
// way their maker goes.
func TestAnnouncementsOfAnOperatorAreNamedFirst(t *testing.T) {
	t.Parallel()
	for way, end := range map[string]func(h *harness, id, query string) *answer{
		"deleted": func(h *harness, id, query string) *answer {
			return h.as(h.admin).delete("/v1/operators/" + id + query)
		},
		"disabled": func(h *harness, id, query string) *answer {
			return h.as(h.admin).patch("/v1/operators/"+id+query, object{"enabled": false})
		},
		"demoted": func(h *harness, id, query string) *answer {
			return h.as(h.admin).patch("/v1/operators/"+id+query, object{"roles": []string{"OperatorAuditor"}})
		},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.seed()
			leaver := h.user("leaver", models.Platform, models.UserOperator, models.RoleOperatorAdmin)
			at := h.clock.Now().Add(time.Hour).Format(time.RFC3339)
			later := announcement(func(b object) { b["schedule_at"] = at })
			over := h.as(leaver).post(announcementsPath, announcement(nil)).wants(202).header.Get("Location")
			h.as(leaver).post(over+"/cancel", nil).wants(200)
			h.as(h.admin).post(announcementsPath, later).wants(202)
			made := h.as(leaver).post(announcementsPath, later).wants(202)

			refused := end(h, leaver.id, "").wants(409).problem(models.CodeConfirm).complains("announcements/"+made.field("id"), "outlasts")
			require.Equal(t, 1, strings.Count(string(refused.body), `"outlasts"`), "neither what has ended nor another's: %s", refused.body)
			h.as(leaver).get(announcementsPath).wants(200)
			if got := end(h, leaver.id, "?confirm=true"); got.status >= 300 {
				t.Errorf("%s = %d: %s", way, got.status, got.body)
			}
			h.as(h.admin).get(made.header.Get("Location")).wants(200)
		})
	}
}
