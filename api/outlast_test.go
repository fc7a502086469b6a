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

// operatorWays are how the right of an operator to make things ends.
func operatorWays() map[string]func(h *harness, id, query string) *answer {
	return map[string]func(h *harness, id, query string) *answer{
		"deleted": func(h *harness, id, query string) *answer {
			return h.as(h.admin).delete("/v1/operators/" + id + query)
		},
		"disabled": func(h *harness, id, query string) *answer {
			return h.as(h.admin).patch("/v1/operators/"+id+query, object{"enabled": false})
		},
		"demoted": func(h *harness, id, query string) *answer {
			return h.as(h.admin).patch("/v1/operators/"+id+query, object{"roles": []string{"OperatorAuditor"}})
		},
	}
}

// outlasting makes what goes on without the operator, beside what has ended, and returns the
// pointers by which a refusal names it.
func (h *harness) outlasting(leaver person) []string {
	at := h.clock.Now().Add(time.Hour).Format(time.RFC3339)
	later := announcement(func(b object) { b["schedule_at"] = at })
	scheduled := submission(func(b object) { b["schedule_at"] = at })
	mine, keys := h.as(leaver), "/v1/products/"+h.productID+"/keys"

	over := mine.post(announcementsPath, announcement(nil)).wants(202).header.Get("Location")
	mine.post(over+"/cancel", nil).wants(200)
	cancelled := mine.post(notificationsPath, scheduled).wants(202).header.Get("Location")
	mine.post(cancelled+"/cancel", nil).wants(200)
	mine.post(notificationsPath, submission(nil)).wants(202)
	revoked := mine.post(keys, object{"name": "revoked"}).wants(201).header.Get("Location")
	mine.delete(revoked).wants(204)
	mine.post(keys, object{"name": "short", "expires_at": h.clock.Now().Add(time.Minute).Format(time.RFC3339)}).wants(201)
	rotated := mine.post(keys, object{"name": "rotated"}).wants(201).header.Get("Location")
	successor := mine.post(rotated+"/rotate", object{"overlap_seconds": 0}).wants(201)
	h.clock.advance(2 * time.Minute)

	batch := mine.post(notificationsPath+"/batch", object{"items": []object{scheduled, {"type": "none.such", "account": "alpha"}}}).wants(200)
	return []string{
		"announcements/" + mine.post(announcementsPath, later).wants(202).field("id"),
		"notifications/" + mine.post(notificationsPath, scheduled).wants(202).field("id"),
		"notifications/" + batch.field("items", 0, "notification", "id"),
		"products/" + h.productID + "/keys/" + successor.field("id"),
		"products/" + h.productID + "/keys/" + mine.post(keys, object{"name": "ci"}).wants(201).field("id"),
	}
}

// TestWhatAnOperatorMadeForOthersIsNamedFirst: announcements, notifications and keys of
// products are the platform's and go on, whichever way their maker goes.
func TestWhatAnOperatorMadeForOthersIsNamedFirst(t *testing.T) {
	t.Parallel()
	for way, end := range operatorWays() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.seed()
			leaver := h.user("leaver", models.Platform, models.UserOperator, models.RoleOperatorAdmin)
			h.outlasting(h.admin)
			goOn := h.outlasting(leaver)

			refused := end(h, leaver.id, "").wants(409).problem(models.CodeConfirm)
			for _, pointer := range goOn {
				refused.complains(pointer, "outlasts")
			}
			require.Equal(t, len(goOn), strings.Count(string(refused.body), `"outlasts"`), "neither what has ended nor another's: %s", refused.body)
			h.as(leaver).get(announcementsPath).wants(200)
			if got := end(h, leaver.id, "?confirm=true"); got.status >= 300 {
				t.Errorf("%s = %d: %s", way, got.status, got.body)
			}
			for _, pointer := range goOn[:2] {
				h.as(h.admin).get("/v1/" + pointer).wants(200)
			}
		})
	}
}

// TestAGrantThatEndsByItselfSaysWhatGoesOn: nobody can be asked when its time runs out, so
// that who looks at it, or gives it, reads what outlasts it.
func TestAGrantThatEndsByItselfSaysWhatGoesOn(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.offerWebhooks()
	ends := h.clock.Now().Add(time.Hour).Format(time.RFC3339)
	give := func(role models.Role) *answer {
		return h.as(h.root).post("/v1/grants", object{"user_id": h.none.id, "role": role, "expires_at": ends}).wants(201)
	}
	grant := give(models.RoleFullAccess)
	require.Contains(t, string(grant.body), `"outlasts":[]`)
	feed := h.as(h.none).post(feedsPath, object{"name": "phone"}).wants(201).field("url")
	secret := h.as(h.none).post("/v1/me/access-keys", object{"name": "script"}).wants(201).field("key")
	bot := h.as(h.none).post("/v1/bots", webhookBot("https://hooks.example.com/x")).wants(201)
	off := h.as(h.none).post("/v1/bots", webhookBot("https://hooks.example.com/y")).wants(201)
	h.as(h.none).patch(off.header.Get("Location"), object{"enabled": false}).wants(200)
	h.as(h.root).post("/v1/bots", webhookBot("https://hooks.example.com/z")).wants(201)

	named := `"outlasts":["bots/` + bot.field("id") + `"]`
	require.Contains(t, string(h.as(h.reader).get(grant.header.Get("Location")).wants(200).body), named)
	list := h.as(h.root).get("/v1/grants").wants(200)
	require.Equal(t, 1, strings.Count(string(list.body), `"bots/`), "the bots of one user stand at the grant of that user: %s", list.body)
	require.Contains(t, string(give(models.RoleReadOnly).body), `"outlasts":[]`, "nobody makes bots by it")

	h.clock.advance(2 * time.Hour)
	h.subscribe(feed).wants(404)
	key := person{name: "key", id: h.none.id, account: h.none.account, token: secret}
	for _, p := range []person{key, h.none} {
		h.as(p).get("/v1/contacts").wants(403)
	}
	again := h.as(h.root).post("/v1/grants", object{"user_id": h.none.id, "role": models.RoleFullAccess}).wants(201)
	require.Contains(t, string(again.body), named, "what was made before counts, too")
}
