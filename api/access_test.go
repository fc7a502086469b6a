package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/models"
)

// access says of every operation who may call it: the names of harness.everybody,
// or "public". It is written down a second time on purpose: rbac/policy.json is
// what it checks. A new operation fails the tests until it stands here.
//
// stranger is the root user of another account: what root may do there, stranger
// may do, too; that it reaches nothing of the first account is another test.
func access() map[string]string {
	const (
		people    = "root full reader none stranger admin auditor" // who sign in
		ofAccount = "root full reader stranger"                    // who see an account's message center
		writers   = "root full stranger"
		owners    = "root stranger"
		readers   = ofAccount + " admin" // operators have contacts, bots and subscriptions, too
		keepers   = writers + " admin"
	)
	return map[string]string{
		"health.live": "public", "health.ready": "public", "site.get": "public", "health.get": "admin",
		"session.create": "public", "session.list": people, "session.delete": people,
		"profile.get": people + " product", "profile.update": people, "profile.password": people,
		"my_bell_token.create": people, "bell_token.create": "product",
		"access_key.create": people, "access_key.list": people, "access_key.rotate": people, "access_key.delete": people,
		"my_message.list": people, "my_message.get": people, "my_message.read": people, "my_message.read_all": people,
		"my_message.delete": people, "my_message.delete_all": people, "my_message.counts": people, "my_inbox.events": people,

		"my_contact.get": people, "my_contact.update": people, "position.list": people, "position.replace": "admin",

		"contact.list": readers, "contact.get": readers, "contact.create": keepers, "contact.update": keepers, "contact.delete": keepers,
		"contact.batch": keepers, "contact_group.list": readers, "contact_group.get": readers, "contact_group.members": readers,
		"contact_group.create": keepers, "contact_group.update": keepers, "contact_group.delete": keepers,
		"contact_group.set_members": keepers, "contact_group.add_members": keepers, "contact_group.remove_members": keepers,
		"account.contact": readers, "account.contact_update": owners + " admin",
		"user_contact.list": "admin", "user_contact.get": "admin", "user_contact.update": "admin", "user_contact.waive": "admin",

		"account.self": readers, "account.self_update": keepers,
		"user.list": ofAccount, "user.get": ofAccount, "user.create": owners, "user.update": owners, "user.delete": owners,
		"user_session.list": ofAccount, "user_session.delete": owners,
		"user_key.list": ofAccount, "user_key.delete": owners,
		"grant.list": ofAccount, "grant.get": ofAccount, "grant.create": owners, "grant.delete": owners,
		"operation.export": ofAccount + " admin auditor",
		"operation.list":   ofAccount + " admin auditor", "operation.get": ofAccount + " admin auditor",

		"account.create": "admin", "account.list": "admin", "account.get": "admin", "account.update": "admin", "account.reset_root": "admin",
		"operator.create": "admin", "operator.list": "admin", "operator.get": "admin", "operator.update": "admin", "operator.delete": "admin",
		"product.create": "admin", "product.list": "admin", "product.get": "admin", "product.update": "admin",
		"product_key.create": "admin", "product_key.list": "admin", "product_key.rotate": "admin", "product_key.delete": "admin",
		"account_operation.list": "auditor", "account_operation.export": "auditor", "account_name.list": "admin auditor", "account_operation.get": "auditor",

		"provider.create": "admin", "provider.list": "admin", "provider.get": "admin", "provider.update": "admin",
		"provider.delete": "admin", "provider.test": "admin", "provider.resume": "admin",
		"channel.list":  people,
		"category.list": people + " product", "message_type.list": people + " product", "message_type.get": ofAccount + " product admin",
		"message_type.versions": ofAccount + " product admin", "message_type.preview": writers + " product admin",
		"message_type.create": "admin", "message_type.update": "admin",

		"notification.create": "product admin", "notification.create_batch": "product admin",
		"delivery.list": readers, "delivery.resendable": readers, "delivery.resend": keepers,
		"notification.list": ofAccount + " product admin", "notification.get": ofAccount + " product admin",
		"notification.cancel": writers + " product admin", "notification.resend": writers + " product admin",

		"announcement.create": "product admin", "announcement.list": "product admin", "announcement.get": "product admin",
		"announcement.pause": "product admin", "announcement.resume": "product admin", "announcement.cancel": "product admin",
		"announcement.check": "product admin",
		"resource.put":       "product", "resource.put_batch": "product", "resource.update": "product", "resource.renew": "product",
		"resource.will_not_renew": "product", "resource.release": "product", "resource.delete": "product",
		"resource.reminders": ofAccount, "reminder.list": ofAccount,
		"calendar_feed.list": ofAccount, "calendar_feed.create": writers, "calendar_feed.rotate": writers, "calendar_feed.delete": writers,
		"calendar.show": "public",
		"resource.list": ofAccount + " product admin", "resource.get": ofAccount + " product admin",

		"retention.get": "admin", "retention.update": "admin",

		"bot.list": readers, "bot.get": readers, "bot.create": keepers, "bot.update": keepers, "bot.delete": keepers,
		"bot.test": keepers, "bot.rotate_secret": keepers, "bot.resume": keepers,

		"subscription.history": readers, "subscription.diff": readers, "subscription.revert": keepers,
		"contact.preferences": readers, "contact.set_preferences": keepers, "bot.preferences": readers, "bot.set_preferences": keepers,
		"coverage.get": readers, "notification.explain": readers + " product",
		"subscription.list": readers, "subscription.get": readers,
		"subscription.update": keepers, "subscription.update_many": keepers, "subscription.marketing": keepers,

		"message.list": ofAccount + " admin", "message.get": ofAccount + " admin", "message.counts": ofAccount + " admin",
		"inbox.events": ofAccount + " admin", "message.read": writers + " admin", "message.read_all": writers + " admin",
		"message.delete": writers + " admin", "message.delete_all": writers + " admin",
		"receipt.record":   "public",
		"unsubscribe.show": "public", "unsubscribe.confirm": "public", "unsubscribe.undo": "public",
		"my_contact.unsubscribed": people, "my_contact.set_unsubscribed": people,
		"verify.show": "public", "verify.confirm": "public", "verify.resend": "public",
		"my_invitation.get": people, "my_invitation.resend": people, "my_invitation.confirm_code": people,
		"invitation.get": readers, "invitation.resend": keepers, "invitation.confirm_code": keepers,
	}
}

func TestEveryOperationForEverybody(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	expected := access()
	for _, op := range h.document().operations(t) {
		who, known := expected[op.Action]
		if !known {
			t.Errorf("%s %s (%s): nobody said in access_test.go who may call it", op.Method, op.Path, op.Action)
			continue
		}
		for _, p := range h.everybody() {
			got := h.as(p).send(op.Method, op.nowhere(), nil)
			if err := reachable(got.status, p, who); err != "" {
				t.Errorf("%s as %s = %d: %s: %s", op.Action, p.name, got.status, err, got.body)
			}
		}
	}
}

// reachable compares a status with who may call; it says what is wrong.
func reachable(status int, p person, who string) string {
	may := slices.Contains(strings.Fields(who), p.name)
	switch {
	case status >= 500:
		return "no request causes this"
	case who == "public" || may:
		if status == 401 || status == 403 {
			return "should be let in"
		}
	case p.token == "":
		if status != 401 {
			return "should be unauthenticated"
		}
	case status != 403:
		return "should be forbidden"
	}
	return ""
}

// belongToNobody are the operations that show what is the same for all accounts: the names
// that a person needs for the own messages and addresses.
var belongToNobody = []string{"category.list", "message_type.list", "channel.list", "position.list"}

// changeNothing are the operations that only ask, but in a body.
var changeNothing = []string{"notification.explain"}

// TestReadOnlyChangesNothing is the rule behind the table (AC-2): whoever holds the
// read-only role reaches every GET of the account, and else only what asks; whoever holds none
// reaches what is their own.
func TestReadOnlyChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	expected := access()
	for _, op := range h.document().operations(t) {
		own := strings.Contains(op.Path, "/v1/me")
		reads := slices.Contains(strings.Fields(expected[op.Action]), "reader")
		full := slices.Contains(strings.Fields(expected[op.Action]), "full")
		root := slices.Contains(strings.Fields(expected[op.Action]), "root")
		none := slices.Contains(strings.Fields(expected[op.Action]), "none")
		if op.mutates() && reads && !own && !slices.Contains(changeNothing, op.Action) {
			t.Errorf("%s: read-only may change something", op.Action)
		}
		if !op.mutates() && (root || full) && !reads {
			t.Errorf("%s: read-only cannot see what root and full access see", op.Action)
		}
		if none && !own && !slices.Contains(belongToNobody, op.Action) {
			t.Errorf("%s: without any grant, more than one's own things can be seen", op.Action)
		}
	}
}

func TestDeniedRequestsOfKnownActorsAreRecorded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.none).get("/v1/users").wants(403)
	h.as(h.reader).post("/v1/users", object{"name": "mallory", "password": goodPassword}).wants(403)
	h.as(h.product).get("/v1/users").wants(403)
	rows := h.logged(h.a.Account.ID)
	if len(rows) != 2 || rows[0].Action != "user.create" || rows[0].Result != models.ResultDenied || rows[0].Code != models.CodeForbidden ||
		rows[0].ActorID != h.reader.id || !slices.Contains(rows[0].Roles, string(models.RoleReadOnly)) || rows[1].Action != "user.list" {
		t.Errorf("operation log has %+v", rows)
	}
	if rows := h.logged(models.Platform); len(rows) != 1 || rows[0].ActorKind != models.ActorProduct || rows[0].Credential != h.product.credential {
		t.Errorf("the platform's operation log has %+v", rows)
	}
	if rows := h.logged(h.b.Account.ID); len(rows) != 0 {
		t.Errorf("the other account's operation log has %+v", rows)
	}
}

// TestForeignIDsAreNotFound takes every operation with an id in its path: the id of
// another account's object and one that exists nowhere have the same answer.
func TestForeignIDsAreNotFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	foreign := h.belongings(h.b.Account.ID, h.stranger)
	document := h.document()
	for _, op := range document.operations(t) {
		if !strings.Contains(op.Path, "{") || !slices.Contains(strings.Fields(access()[op.Action]), "root") {
			continue
		}
		if strings.HasPrefix(op.Action, "message_type.") || strings.HasPrefix(op.Action, "subscription.") { // the catalogue belongs to no account
			continue
		}
		missing := ""
		path := op.fill(func(_, pattern string) string {
			id, known := foreign[prefixOf(pattern)]
			if !known {
				missing = pattern
			}
			return id
		})
		if missing != "" {
			t.Errorf("%s: belongings has nothing for %s", op.Action, missing)
			continue
		}
		body := any(nil)
		if s, ok := op.body(); ok {
			body = document.example(s)
		}
		nowhere := h.as(h.root).send(op.Method, op.nowhere(), body)
		got := h.as(h.root).send(op.Method, path, body)
		if got.status != 404 || nowhere.status != 404 || got.field("detail") != nowhere.field("detail") || got.field("title") != nowhere.field("title") {
			t.Errorf("%s: a foreign id = %d %s, an unknown one = %d %s", op.Action, got.status, got.body, nowhere.status, nowhere.body)
		}
		if strings.Contains(string(got.body), "beta") {
			t.Errorf("%s tells about the other account: %s", op.Action, got.body)
		}
	}
}

// prefixOf is the kind of id that a pattern asks for: "usr" of "^usr_[0-9a-f]{32}$".
func prefixOf(pattern string) string {
	prefix, _, _ := strings.Cut(matching(pattern), "_")
	return prefix
}

func TestListsShowOneAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.belongings(h.a.Account.ID, h.root)
	h.belongings(h.b.Account.ID, h.stranger)
	for _, op := range h.document().operations(t) {
		if op.mutates() || strings.Contains(op.Path, "{") || !slices.Contains(strings.Fields(access()[op.Action]), "root") {
			continue
		}
		got := h.as(h.stranger).get(op.asked()).wants(200)
		for _, canary := range []string{string(h.a.Account.ID), "alpha", h.root.id, h.none.id} {
			if strings.Contains(string(got.body), canary) {
				t.Errorf("%s shows the other account's %s: %s", op.Action, canary, got.body)
			}
		}
	}
}

func TestGrantsFollowTheirRules(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	root := h.as(h.root)
	grant := func(user string, role any) object { return object{"user_id": user, "role": role} }
	root.post("/v1/grants", grant(h.root.id, "MessageCenterFullAccess")).wants(403)
	root.post("/v1/grants", grant(h.stranger.id, "MessageCenterFullAccess")).wants(404).problem(models.CodeNotFound)
	root.post("/v1/grants", grant(h.admin.id, "MessageCenterFullAccess")).wants(404)
	for _, role := range []string{"Root", "OperatorAdmin", "root", "", "messagecenterreadonly"} {
		root.post("/v1/grants", grant(h.none.id, role)).wants(422).complains("#/role", "unknown-value")
	}
	root.post("/v1/grants", object{"user_id": h.none.id, "role": "MessageCenterReadOnly", "expires_at": "2026-02-01T00:00:00Z"}).wants(422).complains("#/expires_at", "in-the-past")

	h.as(h.none).get("/v1/account").wants(403)
	made := root.post("/v1/grants", grant(h.none.id, "MessageCenterReadOnly")).wants(201)
	h.as(h.none).get("/v1/account").wants(200)
	root.post("/v1/grants", grant(h.none.id, "MessageCenterReadOnly")).wants(409)
	root.get(made.header.Get("Location")).wants(200)
	root.delete(made.header.Get("Location")).wants(204)
	h.as(h.none).get("/v1/account").wants(403)
	root.delete(made.header.Get("Location")).wants(404)
}

func TestAGrantEndsByItself(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.root).post("/v1/grants", object{"user_id": h.none.id, "role": "MessageCenterReadOnly", "expires_at": "2026-03-01T09:00:00Z"}).wants(201)
	h.as(h.none).get("/v1/account").wants(200)
	h.clock.advance(time.Hour)
	h.as(h.none).get("/v1/account").wants(403)
	h.as(h.root).post("/v1/grants", object{"user_id": h.none.id, "role": "MessageCenterReadOnly"}).wants(201)
}

func TestTheRootUserStays(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := "/v1/users/" + h.root.id
	h.as(h.root).delete(path).wants(409)
	h.as(h.root).patch(path, object{"enabled": false}).wants(409)
	h.as(h.root).patch(path, object{"password": "another horse"}).wants(409)
	h.as(h.root).patch(path, object{"display_name": "The Root"}).wants(200)
	if got := h.logged(h.a.Account.ID); len(got) != 4 || got[3].Result != models.ResultRefused || got[3].ObjectID != h.root.id || got[3].ObjectName != h.root.name || got[0].Result != models.ResultSucceeded {
		t.Errorf("operation log has %+v", got)
	}
}

func TestADisabledUserIsOutAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	key := h.as(h.full).post("/v1/me/access-keys", object{"name": "laptop"}).wants(201).field("key")
	h.as(h.root).patch("/v1/users/"+h.full.id, object{"enabled": false}).wants(200)
	h.as(h.full).get("/v1/account").wants(401)
	h.as(person{token: key}).get("/v1/account").wants(401)
	h.as(h.root).patch("/v1/users/"+h.full.id, object{"enabled": true}).wants(200)
	h.as(h.full).get("/v1/account").wants(401) // sessions ended
	h.as(person{token: key}).get("/v1/account").wants(200)
	h.as(h.root).delete("/v1/users/" + h.full.id).wants(204)
	h.as(person{token: key}).get("/v1/account").wants(401)
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := "/v1/accounts/" + string(h.a.Account.ID)
	h.as(h.admin).patch(path, object{"enabled": false}).wants(200)
	for _, p := range []person{h.root, h.full, h.reader, h.none} {
		h.as(p).get("/v1/me").wants(401)
	}
	h.as(h.stranger).get("/v1/me").wants(200)
	h.as(h.admin).patch(path, object{"enabled": true}).wants(200)
	h.as(h.root).get("/v1/me").wants(200)
}

func TestTheLastOperatorAdminStays(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	admin := h.as(h.admin)
	own := "/v1/operators/" + h.admin.id
	admin.delete(own).wants(409).problem(models.CodeConflict)
	admin.patch(own, object{"enabled": false}).wants(409)
	admin.patch(own, object{"roles": []string{"OperatorAuditor"}}).wants(403)
	second := admin.post("/v1/operators", object{"name": "second", "password": goodPassword, "roles": []string{"OperatorAdmin"}}).wants(201)
	admin.get(second.header.Get("Location")).wants(200)
	admin.patch(second.header.Get("Location"), object{"roles": []string{"OperatorAuditor"}}).wants(200)
	admin.delete(own).wants(409)
	admin.patch(second.header.Get("Location"), object{"roles": []string{"OperatorAdmin", "OperatorAuditor"}}).wants(200)
	admin.delete(own).wants(204)
	admin.get(own).wants(401)
	h.as(h.root).get("/v1/operators/" + h.root.id).wants(403)
}

func TestOperatorsAreNotUsersOfAccounts(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.admin).get("/v1/operators/" + h.root.id).wants(404)
	h.as(h.admin).delete("/v1/operators/" + h.none.id).wants(404)
	h.as(h.root).get("/v1/users/" + h.admin.id).wants(404)
}

func TestCredentialsThatAreNoGoodHaveOneAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	expired := h.as(h.root).post("/v1/me/access-keys", object{"name": "short", "expires_at": "2026-03-01T08:00:01Z"}).wants(201).field("key")
	h.clock.advance(time.Hour)
	revoked := h.as(h.root).post("/v1/me/access-keys", object{"name": "revoked"}).wants(201)
	h.as(h.root).delete(revoked.header.Get("Location")).wants(204)
	good := h.product.token
	headers := map[string]string{
		"none": "", "another scheme": "Basic " + good, "nothing behind": "Bearer ", "garbage": "Bearer x", "8 KB": "Bearer " + strings.Repeat("a", 8192),
		"expired": "Bearer " + expired, "revoked": "Bearer " + revoked.field("key"), "another secret": "Bearer " + good[:len(good)-1] + "a2"[btoi(good[len(good)-1] == 'a'):][:1],
		"another key's secret": "Bearer " + revoked.field("key")[:36] + good[36:], "upper case": "Bearer " + strings.ToUpper(good),
		"a tab": "Bearer\t" + good, "a comma": "Bearer " + good + ", Bearer " + good,
	}
	want := ""
	for name, header := range headers {
		c := h.as(h.anonymous).with("X-Request-ID", "same")
		if header != "" {
			c = c.with("Authorization", header)
		}
		got := c.get("/v1/me").wants(401).problem(models.CodeUnauthenticated)
		if want == "" {
			want = string(got.body)
		}
		if string(got.body) != want || got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %s, want %s", name, got.body, want)
		}
	}
	h.as(h.anonymous).get("/v1/me?access_token=" + good).wants(401)
	h.as(h.root).with("Authorization", "Bearer x").get("/v1/me").wants(401)
	two := h.as(h.anonymous).with("Authorization", "Bearer "+good).with("Authorization", "Bearer "+good)
	two.get("/v1/me").wants(400).problem(models.CodeMalformed)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestAKeyIsShownOnceAndRotates(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := "/v1/products/" + h.productID + "/keys"
	made := h.as(h.admin).post(path, object{"name": "ci"}).wants(201)
	first := h.as(person{token: made.field("key")})
	first.get("/v1/me").wants(200)
	if list := h.as(h.admin).get(path).wants(200); strings.Contains(string(list.body), "bk_") {
		t.Errorf("the list shows a key: %s", list.body)
	}
	rotated := h.as(h.admin).post(made.header.Get("Location")+"/rotate", object{"overlap_seconds": 60}).wants(201)
	if rotated.field("key") == made.field("key") || rotated.field("name") != "ci" {
		t.Errorf("rotate answers %s", rotated.body)
	}
	first.get("/v1/me").wants(200)
	// A key that was rotated ends with the overlap; a second one in its place would, too.
	h.as(h.admin).post(made.header.Get("Location")+"/rotate", nil).wants(409)
	h.clock.advance(time.Hour)
	first.get("/v1/me").wants(401)
	second := h.as(person{token: rotated.field("key")})
	second.get("/v1/me").wants(200)
	h.as(h.admin).delete(rotated.header.Get("Location")).wants(204)
	second.get("/v1/me").wants(401)
	h.as(h.admin).post(made.header.Get("Location")+"/rotate", nil).wants(409)
	for _, row := range h.logged(models.Platform) {
		if strings.Contains(fmt.Sprint(string(row.Before), string(row.After)), "bk_") {
			t.Errorf("the operation log holds a key: %s", row.After)
		}
	}
}

func TestADisabledProductIsOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.product).get("/v1/me").wants(200)
	h.as(h.admin).patch("/v1/products/"+h.productID, object{"enabled": false}).wants(200)
	h.as(h.product).get("/v1/me").wants(401)
}

func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for i := range 20 {
		h.as(h.none).post("/v1/me/access-keys", object{"name": fmt.Sprint("key ", i)}).wants(201)
	}
	refused := h.as(h.none).post("/v1/me/access-keys", object{"name": "one more"}).wants(409)
	if !strings.Contains(refused.field("detail"), "20") {
		t.Errorf("the refusal does not name the limit: %s", refused.body)
	}
}
