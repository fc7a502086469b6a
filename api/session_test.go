package api_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/api/operation"
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
		_, _, err := tx.In(p.account).Users().Update(h.t.Context(), p.id, 0, func(u *models.User) error {
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
	cookie := in.header.Get("Set-Cookie") // the first: the second is the device's
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
		_, _, err := tx.In(h.full.account).Users().Update(t.Context(), h.full.id, 0, func(u *models.User) error {
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
		if got.field("detail") != "The name or the password is wrong." {
			t.Errorf("a person reads %s", got.body)
		}
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

// elsewhere sends from an address by way of a trusted proxy.
func (c client) elsewhere(ip string) client { return c.with("X-Forwarded-For", ip) }

// guarded is a harness behind a proxy, with what tries to sign in as somebody.
func guarded(t *testing.T) (*harness, func(c client, name, password string) *answer) {
	t.Helper()
	h := newHarness(t, func(c *operation.Config) { c.TrustedProxies = []string{"192.0.2.1"} })
	h.withPassword(h.none)
	h.withPassword(h.reader)
	return h, func(c client, name, password string) *answer {
		return c.post("/v1/sessions", object{"account": "alpha", "name": name, "password": password})
	}
}

func TestWrongPasswordsKeepNobodyElseOut(t *testing.T) {
	t.Parallel()
	h, try := guarded(t)
	anyone := h.as(h.anonymous)
	home := try(anyone.elsewhere("198.51.100.7"), "none", goodPassword).wants(201)
	evil := anyone.elsewhere("203.0.113.66")
	for range 10 {
		try(evil, "none", "wrong horse").wants(401)
	}
	if wait := try(evil, "none", goodPassword).wants(429).problem(models.CodeRateLimited).header.Get("Retry-After"); wait != "5" {
		t.Errorf("Retry-After = %q, want 5", wait)
	}
	try(anyone.elsewhere("203.0.113.99"), "none", goodPassword).wants(429) // the same network
	try(evil, "reader", goodPassword).wants(201)
	try(anyone.elsewhere("198.51.100.7"), "none", goodPassword).wants(201)
	try(anyone.elsewhere("2001:db8:1:2::3"), "none", goodPassword).wants(201)
	h.as(person{token: home.field("token")}).elsewhere("203.0.113.66").get("/v1/me").wants(200)
	for range 3 { // who asks too often does not make it longer
		try(evil, "none", goodPassword).wants(429)
	}
	h.clock.advance(5 * time.Second)
	try(evil, "none", goodPassword).wants(201)
	try(evil, "none", "wrong horse").wants(401) // a right one clears what was wrong
}

func TestTheWaitGrowsAndNeverBecomesAWall(t *testing.T) {
	t.Parallel()
	h, try := guarded(t)
	evil := h.as(h.anonymous).elsewhere("203.0.113.66")
	for range 10 {
		try(evil, "none", "wrong horse").wants(401)
	}
	for _, wait := range []int{5, 10, 20, 40, 80, 160, 320, 600, 600} {
		if got := try(evil, "none", "wrong horse").wants(429).header.Get("Retry-After"); got != strconv.Itoa(wait) {
			t.Errorf("Retry-After = %s, want %d", got, wait)
		}
		h.clock.advance(time.Duration(wait) * time.Second)
		try(evil, "none", "wrong horse").wants(401)
	}
}

func TestAKnownDeviceDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	h, try := guarded(t)
	office := h.as(h.anonymous).elsewhere("203.0.113.5")
	device := try(office, "none", goodPassword).wants(201).field("device")
	in := office.post("/v1/sessions", object{"account": "alpha", "name": "none", "password": goodPassword, "cookie": true}).wants(201)
	if in.field("device") != "" || len(in.header.Values("Set-Cookie")) != 2 {
		t.Errorf("cookies = %q, body = %s", in.header.Values("Set-Cookie"), in.body)
	}
	pair, _, _ := strings.Cut(in.header.Values("Set-Cookie")[1], ";")
	for range 10 {
		try(office, "none", "wrong horse").wants(401)
	}
	with := func(device, name, password string) *answer {
		return office.post("/v1/sessions", object{"account": "alpha", "name": name, "password": password, "device": device})
	}
	try(office, "none", goodPassword).wants(429)
	try(office.with("Cookie", pair), "none", goodPassword).wants(201)
	for _, forged := range []string{"bd_x", device[:40] + strings.Repeat("a", 20) + device[60:], "bd_" + strings.Repeat("a", 90), "x" + device} {
		with(forged, "none", goodPassword).wants(429)
	}
	for range 10 {
		with(device, "none", "wrong horse").wants(401) // a stolen one has its own share, and no more
	}
	with(device, "none", goodPassword).wants(429)
	try(h.as(h.anonymous).elsewhere("203.0.113.5"), "reader", goodPassword).wants(201)
	h.clock.advance(90 * 24 * time.Hour)
	for range 10 {
		with(device, "none", "wrong horse").wants(401)
	}
	again := try(h.as(h.anonymous).elsewhere("198.51.100.1"), "none", goodPassword).wants(201).field("device")
	with(device, "none", goodPassword).wants(429)  // it has ended
	with(again, "reader", goodPassword).wants(201) // of another user: as if there were none
	with(again, "none", goodPassword).wants(201)
}

func TestANetworkThatGuessesIsSlowedDownAndNotShutOut(t *testing.T) {
	t.Parallel()
	h, try := guarded(t)
	office := h.as(h.anonymous).elsewhere("203.0.113.5")
	device := try(office, "reader", goodPassword).wants(201).field("device")
	for i := range 100 {
		try(office, "guess-"+strconv.Itoa(i), "wrong horse").wants(401)
	}
	if got := try(office, "none", goodPassword).wants(429).header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After = %s, want 2", got)
	}
	office.post("/v1/sessions", object{"account": "alpha", "name": "reader", "password": goodPassword, "device": device}).wants(201)
	h.clock.advance(2 * time.Second)
	try(office, "none", goodPassword).wants(201)
	try(office, "none", goodPassword).wants(201) // right ones use up nothing
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
