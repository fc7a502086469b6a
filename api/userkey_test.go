package api_test

import (
	"slices"
	"strings"
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
