package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/internal/moment"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// What this process ended ends at once: TestSignInAndOut and its neighbours. This is
// about what another one ended.
func TestWhatAnotherProcessEndedIsOverWithinAMoment(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	key := h.as(h.root).post("/v1/me/access-keys", object{"name": "tool"}).wants(http.StatusCreated)
	bySession, byKey := h.as(h.root), h.as(person{token: key.field("key")})
	both := func(status int) {
		t.Helper()
		bySession.get("/v1/me").wants(status)
		byKey.get("/v1/me").wants(status)
	}
	both(http.StatusOK)
	h.write(func(tx *store.Tx) error {
		_, _, err := tx.In(h.a.Account.ID).Users().Update(t.Context(), h.root.id, 0, func(u *models.User) error {
			u.Enabled = false
			return nil
		})
		return err
	})
	h.clock.advance(moment.Longest - time.Microsecond)
	both(http.StatusOK)
	h.clock.advance(time.Microsecond)
	both(http.StatusUnauthorized)
}

func TestACredentialIsReadOnceInAMoment(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	submit := func() int64 {
		before := h.store.Figures().Counts().Statements
		h.as(h.product).post("/v1/notifications/batch", object{"items": []object{}}).wants(http.StatusUnprocessableEntity)
		return h.store.Figures().Counts().Statements - before
	}
	first, again := submit(), submit()
	if first < 3 || again != 0 {
		t.Errorf("%d statements, and then %d: want key, product and roles once", first, again)
	}
}

func TestAWrongSecretIsNotAUse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	key := h.as(h.root).post("/v1/me/access-keys", object{"name": "tool"}).wants(http.StatusCreated)
	token := key.field("key")
	wrong := token[:len(token)-4] + "aaaa"
	h.as(person{token: wrong}).get("/v1/me").wants(http.StatusUnauthorized)
	unused := h.as(h.root).get("/v1/me/access-keys").wants(http.StatusOK)
	h.as(person{token: token}).get("/v1/me").wants(http.StatusOK)
	h.as(person{token: wrong}).get("/v1/me").wants(http.StatusUnauthorized)
	used := h.as(h.root).get("/v1/me/access-keys").wants(http.StatusOK)
	if unused.field("items", 0, "last_used_at") != "" || used.field("items", 0, "last_used_at") == "" {
		t.Errorf("used before: %s, and after: %s", unused.body, used.body)
	}
}

// The scheme is followed by one or more blanks (RFC 9110, 11.4).
func TestACredentialMayStandAfterSeveralBlanks(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	anyone := h.as(h.anonymous)
	for header, status := range map[string]int{
		"Bearer " + h.none.token: 200, "Bearer  " + h.none.token: 200, "bearer     " + h.none.token: 200, "BEARER " + h.none.token + " ": 200,
		"Bearer\t" + h.none.token: 401, "Bearer" + h.none.token: 401, "Bearer  ": 401, "Bearer " + h.none.token + " x": 401, "Basic  " + h.none.token: 401,
	} {
		anyone.with("Authorization", header).get("/v1/me").wants(status)
	}
}

// Every operation whose time is over says when to come again.
func TestEveryOperationSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *operation.Config) { c.RequestTimeout = time.Nanosecond })
	document := h.document()
	for _, op := range document.operations(t) {
		who, body := h.caller(op.Action), any(nil) // who may not is told so from memory, once a stream was let in
		if s, ok := op.body(); ok {
			body = document.example(s)
		}
		if op.Public {
			who = h.anonymous
		}
		streams := strings.HasSuffix(op.Action, ".events") || strings.HasSuffix(op.Action, ".export")
		if got := h.as(who).send(op.Method, op.nowhere(), body); !op.Public && !streams && got.status != http.StatusServiceUnavailable {
			t.Errorf("%s = %d, want 503 with Retry-After: %s", op.Action, got.status, got.body)
		}
	}
}

// TestAProxyThatNobodyTrustsIsNamedOnce: behind it everybody has the same address.
func TestAProxyThatNobodyTrustsIsNamedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trusted []string
		want    int
	}{"unknown": {nil, 1}, "trusted": {[]string{"192.0.2.0/24"}, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, func(o *operation.Config) { o.TrustedProxies = c.trusted })
			h.as(h.root).get("/v1/me").wants(200)
			for range 3 {
				h.as(h.root).with("X-Forwarded-For", "203.0.113.7").get("/v1/me").wants(200)
			}
			if got := strings.Count(h.logs.String(), "BELFRY_TRUSTED_PROXIES"); got != c.want {
				t.Errorf("%d warnings, want %d: %s", got, c.want, h.logs)
			}
		})
	}
}
