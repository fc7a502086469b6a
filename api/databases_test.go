package api_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// TestBothDatabasesGiveTheSameAnswers runs one script of requests on SQLite and, where
// BELFRY_TEST_MYSQL_DSN names a server, on MySQL: answers may differ in ids only.
func TestBothDatabasesGiveTheSameAnswers(t *testing.T) {
	t.Parallel()
	mysql := storetest.MySQL(t)
	want := transcript(newHarnessOn(t, storetest.SQLite(t)))
	got := transcript(newHarnessOn(t, mysql))
	for i, line := range want {
		if i >= len(got) || got[i] != line {
			t.Fatalf("step %d\n on SQLite: %s\n on MySQL:  %s", i, line, strings.Join(got[i:min(i+1, len(got))], ""))
		}
	}
}

// transcript runs the script: names that databases like to confuse, edits, conflicts,
// pages and the operation log.
func transcript(h *harness) []string {
	h.t.Helper()
	s := &scribe{seen: map[string]string{}}
	root, admin := h.as(h.root), h.as(h.admin)
	for _, name := range []string{"zoe", "zoe.b", "zoe_b", "zoe@b", "zoe", "ZOE", "zoe ", "zoë"} {
		s.write(root.post("/v1/users", object{"name": name, "password": goodPassword, "display_name": "Zoë " + name + "💥"}))
		h.clock.advance(1)
	}
	for _, name := range []string{"é", "e\u0301", "É", "💥", "🐛", "a", "A", "ａ"} {
		s.write(root.post("/v1/me/access-keys", object{"name": name}))
		h.clock.advance(1000)
	}
	for cursor, pages := "", 0; pages < 9; pages++ {
		page := s.write(root.get("/v1/me/access-keys?limit=3&cursor=" + cursor))
		if cursor = page.field("next_cursor"); cursor == "" {
			break
		}
	}
	user := root.post("/v1/users", object{"name": "edited", "password": goodPassword}).wants(201)
	path := user.header.Get("Location")
	s.write(root.ifMatch(user).patch(path, object{"display_name": "a"}))
	s.write(root.ifMatch(user).patch(path, object{"display_name": "b"}))
	s.write(root.post("/v1/grants", object{"user_id": h.none.id, "role": "MessageCenterReadOnly", "expires_at": "2030-01-01T00:00:00.123456789+05:30"}))
	s.write(root.post("/v1/grants", object{"user_id": h.none.id, "role": "MessageCenterReadOnly"}))
	s.write(root.key("k").patch("/v1/account", object{"name": "Ålpha 💥", "time_zone": "Europe/Berlin"}))
	s.write(root.key("k").patch("/v1/account", object{"time_zone": "Europe/Berlin", "name": "Ålpha 💥"}))
	s.write(root.key("k").patch("/v1/account", object{"name": "Other"}))
	s.write(root.key("K").patch("/v1/account", object{"name": "Other"}))
	for _, alias := range []string{"gamma", "gamma", "alpha", "delta-1"} {
		s.write(admin.post("/v1/accounts", object{
			"alias": alias, "name": "Γάμμα", "root": object{"name": "root", "password": goodPassword},
			"addresses": []object{{"channel": "email", "value": "Bób@bücher.example"}, {"channel": "email", "value": "bob@example.com"}, {"channel": "email", "value": "BOB@example.com"}},
		}))
		s.write(admin.post("/v1/products", object{"name": alias, "types": []string{"*"}, "accounts": []string{"*"}}))
	}
	s.write(admin.get("/v1/accounts?limit=2"))
	s.write(root.delete(path))
	s.write(root.delete(path))
	s.write(root.get("/v1/operations?limit=50"))
	s.write(root.get("/v1/operations?limit=5&action=user.create&result=refused"))
	s.write(root.get("/v1/operations/1"))
	s.write(root.get("/v1/operations?from=2026-03-01T08:00:00Z&to=2026-03-01T08:00:01Z&limit=1"))
	return s.lines
}

// scribe writes answers down with ids, secrets and hashes replaced by their order.
type scribe struct {
	lines []string
	seen  map[string]string
}

var changing = regexp.MustCompile(`[a-z]{3}_[0-9a-f]{32}|bk_[0-9a-f]{32}_[a-z2-7]{52}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}|"next_cursor":"[^"]+"|cursor=[A-Za-z0-9_-]+`)

func (s *scribe) write(a *answer) *answer {
	text := fmt.Sprintf("%s = %d %s %s", a.what, a.status, a.header.Get("ETag"), a.body)
	s.lines = append(s.lines, changing.ReplaceAllStringFunc(text, func(id string) string {
		if s.seen[id] == "" {
			s.seen[id] = fmt.Sprint("<", len(s.seen), ">")
		}
		return s.seen[id]
	}))
	return a
}

// TestParallelRepeatsHaveOneEffect sends fifty at once.
func TestParallelRepeatsHaveOneEffect(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		h := newHarnessOn(t, cfg)
		answers := make(chan *answer)
		for range 50 {
			go func() { answers <- h.as(h.none).key("k").post("/v1/me/access-keys", object{"name": "a"}) }()
		}
		fresh := 0
		for range 50 {
			got := <-answers
			if got.status != 201 && got.status != 409 {
				t.Errorf("= %d: %s", got.status, got.body)
			}
			if got.status == 201 && got.header.Get("Idempotent-Replayed") == "" {
				fresh++
			}
		}
		if keys := h.as(h.none).get("/v1/me/access-keys").wants(200).items("id"); len(keys) != 1 || fresh != 1 {
			t.Errorf("%d keys were made, %d answers are first ones", len(keys), fresh)
		}
	})
}

// TestOperatorsCannotRemoveEachOther lets two administrators delete each other at once.
func TestOperatorsCannotRemoveEachOther(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		h := newHarnessOn(t, cfg)
		for i := range 5 {
			first := h.user(fmt.Sprint("first", i), "platform", "operator", "OperatorAdmin")
			second := h.user(fmt.Sprint("second", i), "platform", "operator", "OperatorAdmin")
			h.as(first).delete("/v1/operators/" + h.admin.id).wants(204)
			answers := make(chan *answer)
			go func() { answers <- h.as(first).delete("/v1/operators/" + second.id) }()
			go func() { answers <- h.as(second).delete("/v1/operators/" + first.id) }()
			deleted := 0
			for range 2 {
				if got := <-answers; got.status == 204 {
					deleted++
				} else if got.status >= 500 {
					t.Errorf("= %d: %s", got.status, got.body)
				}
			}
			if deleted != 1 {
				t.Fatalf("%d of the last two administrators were deleted, want one", deleted)
			}
			h.admin = first
			if h.as(first).get("/v1/operators").status != 200 {
				h.admin = second
			}
			h.as(h.admin).get("/v1/operators").wants(200)
		}
	})
}
