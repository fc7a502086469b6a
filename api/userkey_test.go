package api_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"belfry.dev/belfry/models"
)

func TestRootRevokesTheKeysOfOthers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	made := h.as(h.full).post("/v1/me/access-keys", object{"name": "laptop"}).wants(201)
	machine := h.as(person{token: made.field("key")})
	machine.get("/v1/account").wants(200)
	keys := "/v1/users/" + h.full.id + "/access-keys"
	list := h.as(h.root).get(keys).wants(200)
	if got := list.items("id"); !slices.Equal(got, []string{made.field("id")}) || strings.Contains(string(list.body), "bk_") {
		t.Errorf("keys = %s, want the one without its secret", list.body)
	}
	if got := h.as(h.root).get("/v1/users/" + h.none.id + "/access-keys").wants(200).items("id"); len(got) != 0 {
		t.Errorf("a user without keys has %v", got)
	}
	h.as(h.root).delete(keys + "/" + made.field("id")).wants(204)
	machine.get("/v1/account").wants(401)
	h.as(h.full).get("/v1/account").wants(200) // the session stays
	row := h.logged(h.a.Account.ID)[0]
	if row.Action != "user_key.delete" || row.ObjectKind != "access_key" || row.ObjectID != made.field("id") || row.ObjectName != "full" || row.ActorID != h.root.id {
		t.Errorf("operation log has %+v", row)
	}
	if got := h.as(h.root).get(keys).wants(200).field("items", 0, "revoked_at"); got == "" {
		t.Error("the list does not say that the key was revoked")
	}
}

func TestRootRevokesNoKeysOfStrangers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	made := h.as(h.full).post("/v1/me/access-keys", object{"name": "laptop"}).wants(201)
	id := made.field("id")
	h.as(h.stranger).get("/v1/users/" + h.full.id + "/access-keys").wants(404).problem(models.CodeNotFound)
	h.as(h.stranger).delete("/v1/users/" + h.full.id + "/access-keys/" + id).wants(404)
	h.as(h.stranger).delete("/v1/users/" + h.stranger.id + "/access-keys/" + id).wants(404)
	h.as(h.root).delete("/v1/users/" + h.none.id + "/access-keys/" + id).wants(404)
	h.as(h.root).delete("/v1/users/" + h.full.id + "/access-keys/" + h.product.credential).wants(404)
	h.as(person{token: made.field("key")}).get("/v1/account").wants(200)
}

// TestParallelKeysKeepToTheirLimit: somebody who makes many at once has no more of them.
func TestParallelKeysKeepToTheirLimit(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	product := h.as(h.admin).post("/v1/products", object{"name": "many", "types": []string{"*"}, "accounts": []string{"*"}}).wants(201).field("id")
	for path, who := range map[string]person{"/v1/me/access-keys": h.full, "/v1/products/" + product + "/keys": h.admin} {
		var all sync.WaitGroup
		var made, refused atomic.Int64
		for range 30 {
			all.Go(func() {
				switch answer := h.as(who).post(path, object{"name": "k"}); answer.status {
				case 201:
					made.Add(1)
				case 409:
					refused.Add(1)
				default:
					t.Errorf("%s: %d %s", path, answer.status, answer.body)
				}
			})
		}
		all.Wait()
		if made.Load() != 20 || refused.Load() != 10 {
			t.Errorf("%s: %d keys were made and %d refused, want 20 and 10", path, made.Load(), refused.Load())
		}
	}
}
