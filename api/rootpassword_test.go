package api_test

import (
	"strings"
	"testing"

	"belfry.dev/belfry/models"
)

func TestALostRootPasswordIsReset(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.withPassword(h.root)
	h.withPassword(h.stranger)
	second := h.signIn("root", h.a.Root)
	key := h.as(h.root).post("/v1/me/access-keys", object{"name": "ci"}).wants(201).field("key")
	path := "/v1/accounts/" + string(h.a.Account.ID) + "/root-password"
	h.as(h.admin).post(path, object{"password": "short"}).wants(422).complains("#/password", "too-short")
	h.as(h.root).get("/v1/me").wants(200)
	if got := h.as(h.admin).post(path, object{"password": "another horse"}).wants(204); len(got.body) != 0 {
		t.Errorf("the answer has a body: %s", got.body)
	}
	for _, p := range []person{h.root, second} {
		h.as(p).get("/v1/me").wants(401)
	}
	for _, p := range []person{h.admin, h.full, h.stranger, {token: key}} {
		h.as(p).get("/v1/me").wants(200)
	}
	signIn := func(account, password string) *answer {
		return h.as(h.anonymous).post("/v1/sessions", object{"account": account, "name": h.a.Root.Name, "password": password})
	}
	signIn("alpha", goodPassword).wants(401)
	signIn("alpha", "another horse").wants(201)
	signIn("beta", goodPassword).wants(201)
}

func TestAResetIsInThePlatformsLogWithoutThePassword(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.admin).post("/v1/accounts/"+string(h.a.Account.ID)+"/root-password", object{"password": "another horse"}).wants(204)
	row := h.logged(models.Platform)[0]
	if row.Action != "account.reset_root" || row.Result != models.ResultSucceeded || row.ActorID != h.admin.id ||
		row.ObjectKind != "account" || row.ObjectID != string(h.a.Account.ID) || row.ObjectName != "alpha" {
		t.Errorf("operation log has %+v", row)
	}
	whole, err := h.store.In(models.Platform).OperationLog().ByID(t.Context(), row.Seq)
	if err != nil {
		t.Fatal(err)
	}
	change := string(whole.Before) + string(whole.After)
	if !strings.Contains(change, h.root.id) || strings.Contains(change+h.logs.String(), "horse") || strings.Contains(change, "argon2id") {
		t.Errorf("the change is %s, want the root user without the password", change)
	}
}

func TestOnlyRootUsersOfAccountsAreReset(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	body := object{"password": "another horse"}
	h.as(h.admin).post("/v1/accounts/acc_"+strings.Repeat("0", 32)+"/root-password", body).wants(404).problem(models.CodeNotFound)
	h.as(h.root).post("/v1/accounts/"+string(h.a.Account.ID)+"/root-password", body).wants(403)
	if got := h.as(h.admin).post("/v1/accounts/platform/root-password", body); got.status < 400 || got.status >= 500 {
		t.Errorf("the platform has a root user to reset: %d %s", got.status, got.body)
	}
	h.as(h.admin).get("/v1/me").wants(200)
}
