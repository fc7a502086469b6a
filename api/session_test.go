package api_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/api/password"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

type object = map[string]any

const goodPassword = "correct horse"

// withPassword gives a person a password.
func (h *harness) withPassword(p person) person {
	h.t.Helper()
	hash, err := password.NewHasher(1).WithMemory(64).Hash(h.t.Context(), goodPassword)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(p.account).UpdateUser(h.t.Context(), p.id, 0, func(u *models.User) error {
			u.PasswordHash = hash
			return nil
		})
		return err
	})
	return p
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	in := h.as(h.anonymous).post("/v1/sessions", object{"account": "alpha", "name": "none", "password": goodPassword}).wants(201)
	if in.header.Get("Set-Cookie") != "" || in.field("user", "id") != h.none.id || in.field("account", "alias") != "alpha" {
		t.Errorf("sign-in answers %s with the cookie %q", in.body, in.header.Get("Set-Cookie"))
	}
	me := h.as(person{token: in.field("token")})
	if got := me.get("/v1/me").wants(200); got.field("id") != h.none.id || got.field("session_id") != "" {
		t.Errorf("the session signs in %s", got.body)
	}
	list := me.get("/v1/me/sessions").wants(200)
	if got := list.items("current"); len(got) != 2 || got[0] != "true" && got[1] != "true" {
		t.Errorf("sessions = %s", list.body)
	}
	me.delete("/v1/me/sessions/current").wants(204)
	me.get("/v1/me").wants(401).problem(models.CodeUnauthenticated)
	h.as(h.none).get("/v1/me").wants(200)
	row := h.logged(h.a.Account.ID)[0]
	if row.Action != "session.delete" || row.Result != models.ResultSucceeded || row.ActorID != h.none.id {
		t.Errorf("operation log has %+v", row)
	}
}

func TestAccountsAreFoundByIDAndOperatorsUnderPlatform(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	h.withPassword(h.admin)
	h.as(h.anonymous).post("/v1/sessions", object{"account": h.a.Account.ID, "name": "none", "password": goodPassword}).wants(201)
	h.as(h.anonymous).post("/v1/sessions", object{"account": "platform", "name": "admin", "password": goodPassword}).wants(201)
	h.as(h.anonymous).post("/v1/sessions", object{"account": "beta", "name": "none", "password": goodPassword}).wants(401)
}

func TestACookieSessionNeverShowsItsToken(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	in := h.as(h.anonymous).post("/v1/sessions", object{"account": "alpha", "name": "none", "password": goodPassword, "cookie": true}).wants(201)
	cookie := in.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-belfry=bs_", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	if in.field("token") != "" {
		t.Error("the token is readable by scripts of the page")
	}
	pair, _, _ := strings.Cut(cookie, ";")
	browser := h.as(h.anonymous).with("Cookie", pair)
	browser.get("/v1/me").wants(200)
	browser.with("Sec-Fetch-Site", "same-origin").patch("/v1/me", object{"popups": false}).wants(200)
	browser.with("Origin", "https://belfry.example.com").patch("/v1/me", object{"popups": false}).wants(200)
	browser.with("Sec-Fetch-Site", "cross-site").patch("/v1/me", object{"popups": false}).wants(403)
	browser.with("Origin", "https://evil.example").patch("/v1/me", object{"popups": false}).wants(403)
	browser.with("Origin", "https://evil.example").get("/v1/me").wants(403)
	h.as(h.anonymous).with("Sec-Fetch-Site", "cross-site").post("/v1/sessions", object{"account": "alpha", "name": "none", "password": goodPassword}).wants(403)
	out := browser.with("Sec-Fetch-Site", "same-origin").delete("/v1/me/sessions/current").wants(204)
	if got := out.header.Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") {
		t.Errorf("signing out leaves the cookie: %q", got)
	}
	browser.get("/v1/me").wants(401)
}

func TestWrongSignInsLookTheSame(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(h.full.account).UpdateUser(t.Context(), h.full.id, 0, func(u *models.User) error {
			u.Enabled = false
			return nil
		})
		return err
	})
	h.withPassword(h.full)
	var bodies []string
	for _, body := range []object{
		{"account": "alpha", "name": "none", "password": "wrong horse"},
		{"account": "alpha", "name": "nobody", "password": goodPassword},
		{"account": "nothing", "name": "none", "password": goodPassword},
		{"account": "alpha", "name": "full", "password": goodPassword},
		{"account": "alpha", "name": "reader", "password": goodPassword}, // has no password
	} {
		got := h.as(h.anonymous).with("X-Request-ID", "same").post("/v1/sessions", body).wants(401).problem(models.CodeUnauthenticated)
		bodies = append(bodies, string(got.body))
	}
	if len(slices.Compact(bodies)) != 1 {
		t.Errorf("the answers differ: %q", bodies)
	}
	row := h.logged(h.a.Account.ID)
	if len(row) != 3 || row[2].Result != models.ResultDenied || row[2].Action != "session.create" || row[2].ActorID != h.none.id {
		t.Errorf("attempts on known users are recorded as %+v, want one denied row each", row)
	}
}

func TestSignInsAreThrottledByName(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	attempt := func(account, name, password string) *answer {
		return h.as(h.anonymous).post("/v1/sessions", object{"account": account, "name": name, "password": password})
	}
	for range 10 {
		attempt("alpha", "none", "wrong horse").wants(401)
	}
	limited := attempt("alpha", "none", goodPassword).wants(429).problem(models.CodeRateLimited)
	if limited.header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After = %q, want 900", limited.header.Get("Retry-After"))
	}
	attempt("alpha", "reader", "wrong horse").wants(401)
	h.clock.advance(15 * time.Minute)
	attempt("alpha", "none", goodPassword).wants(201)
	for range 10 {
		attempt("alpha", "none", "wrong horse").wants(401)
	}
	attempt("alpha", "none", "wrong horse").wants(429)
}

func TestTwoNamesOfAnAccountAreThrottledAsOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	attempt := func(account any) *answer {
		return h.as(h.anonymous).post("/v1/sessions", object{"account": account, "name": "none", "password": "wrong horse"})
	}
	for range 5 {
		attempt("alpha").wants(401)
		attempt(h.a.Account.ID).wants(401)
	}
	attempt("alpha").wants(429)
	attempt(h.a.Account.ID).wants(429)
}

// TestASignInNeverOutlivesItsPassword changes the password while it is checked: the
// change ends all sessions, the one that is just being opened included.
func TestASignInNeverOutlivesItsPassword(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for i := range 30 {
		h.withPassword(h.none)
		var in *answer
		var wg sync.WaitGroup
		wg.Go(func() {
			in = h.as(h.anonymous).post("/v1/sessions", object{"account": "alpha", "name": "none", "password": goodPassword})
		})
		wg.Go(func() {
			h.as(h.root).patch("/v1/users/"+h.none.id, object{"password": "another horse " + strconv.Itoa(i)}).wants(200)
		})
		wg.Wait()
		if in.status == 201 {
			h.as(person{token: in.field("token")}).get("/v1/me").wants(401)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for range 7 {
		h.as(h.none).get("/v1/me").wants(200)
		h.clock.advance(23 * time.Hour)
	}
	h.as(h.none).get("/v1/me").wants(200)
	h.clock.advance(7 * time.Hour) // seven days since the sign-in
	h.as(h.none).get("/v1/me").wants(401)
	h.as(h.root).get("/v1/me").wants(401) // unused for a day
}

func TestPeopleEndTheirOwnSessionsOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.none).delete("/v1/me/sessions/" + h.reader.credential).wants(404)
	h.as(h.none).delete("/v1/me/sessions/" + h.stranger.credential).wants(404)
	h.as(h.stranger).delete("/v1/users/" + h.none.id + "/sessions/" + h.none.credential).wants(404)
	h.as(h.root).delete("/v1/users/" + h.reader.id + "/sessions/" + h.none.credential).wants(404)
	h.as(h.root).delete("/v1/users/" + h.none.id + "/sessions/" + h.none.credential).wants(204)
	h.as(h.none).get("/v1/me").wants(401)
}

func TestAnAccessKeyHasNoCurrentSession(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	made := h.as(h.none).post("/v1/me/access-keys", object{"name": "laptop"}).wants(201)
	machine := h.as(person{token: made.field("key")})
	machine.delete("/v1/me/sessions/current").wants(404)
	machine.get("/v1/me").wants(200)
}

func TestChangingThePassword(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.none)
	second := h.signIn("none", models.User{ID: h.none.id, AccountID: h.none.account})
	me := h.as(h.none)
	me.put("/v1/me/password", object{"current": "wrong horse", "new": "another horse"}).wants(422).complains("#/current", "wrong-password")
	me.put("/v1/me/password", object{"current": goodPassword, "new": "short"}).wants(422).complains("#/new", "too-short")
	me.put("/v1/me/password", object{"current": goodPassword, "new": "another horse"}).wants(204)
	me.get("/v1/me").wants(200)
	h.as(second).get("/v1/me").wants(401)
	h.as(h.anonymous).post("/v1/sessions", object{"account": "alpha", "name": "none", "password": goodPassword}).wants(401)
	h.as(h.anonymous).post("/v1/sessions", object{"account": "alpha", "name": "none", "password": "another horse"}).wants(201)
	if strings.Contains(h.logs.String(), "horse") {
		t.Error("a password stands in the log")
	}
	for _, row := range h.logged(h.a.Account.ID) {
		if strings.Contains(string(row.Before)+string(row.After), "horse") {
			t.Error("a password stands in the operation log")
		}
	}
}
