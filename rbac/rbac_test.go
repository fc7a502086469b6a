package rbac_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/rbac"
)

// fakeGrants is an in-memory rbac.Grants: roles by account and prefixed subject.
type fakeGrants struct {
	mu    sync.Mutex
	roles map[string][]models.Role
	err   error
	reads int
}

func (f *fakeGrants) UserRoles(_ context.Context, account models.AccountID, user string) ([]models.Role, error) {
	return f.read(string(account) + "/u:" + user)
}

func (f *fakeGrants) KeyRoles(_ context.Context, account models.AccountID, key string) ([]models.Role, error) {
	return f.read(string(account) + "/k:" + key)
}

func (f *fakeGrants) read(key string) ([]models.Role, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.roles[key], f.err
}

func (f *fakeGrants) set(key string, roles ...models.Role) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.roles[key] = roles
}

const (
	accountA = models.AccountID("acc_a")
	accountB = models.AccountID("acc_b")
)

func newGuard(t testing.TB, grants rbac.Grants, now func() time.Time, remember time.Duration) *rbac.Guard {
	t.Helper()
	guard, err := rbac.New(rbac.Config{Grants: grants, Now: now, Remember: remember})
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

func fixed() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

func user(id string, account models.AccountID) models.Actor {
	return models.Actor{Kind: models.ActorUser, ID: id, Account: account, SessionID: "ses_1"}
}

func TestRolesAllowWhatThePolicySaysInTheirAccountOnly(t *testing.T) {
	t.Parallel()
	grants := &fakeGrants{roles: map[string][]models.Role{
		"acc_a/u:root":       {models.RoleMember, models.RoleRoot},
		"acc_a/u:full":       {models.RoleMember, models.RoleFullAccess},
		"acc_a/u:reader":     {models.RoleMember, models.RoleReadOnly},
		"acc_a/u:none":       {models.RoleMember},
		"platform/u:admin":   {models.RoleMember, models.RoleOperatorAdmin},
		"platform/u:auditor": {models.RoleMember, models.RoleOperatorAuditor},
		"platform/k:key_1":   {models.RoleProduct, models.RoleOperatorAdmin},
		"acc_a/k:key_1":      {models.RoleProduct, models.RoleRoot},
	}}
	guard := newGuard(t, grants, fixed, -1)
	product := models.Actor{Kind: models.ActorProduct, ID: "prd_1", KeyID: "key_1", Account: models.Platform}
	for _, c := range []struct {
		actor   models.Actor
		action  string
		account models.AccountID
		want    bool
	}{
		{user("root", accountA), "bot.create", accountA, true},
		{user("root", accountA), "grant.create", accountA, true},
		{user("root", accountA), "grant.create", accountB, false},
		{user("root", accountA), "product.create", models.Platform, false},
		{user("root", accountA), "product.create", accountA, false},
		{user("full", accountA), "bot.create", accountA, true},
		{user("full", accountA), "grant.create", accountA, false},
		{user("full", accountA), "user.create", accountA, false},
		{user("reader", accountA), "bot.list", accountA, true},
		{user("reader", accountA), "bot.create", accountA, false},
		{user("reader", accountA), "message.read", accountA, false},
		{user("reader", accountA), "bot.test", accountA, false},
		{user("none", accountA), "profile.get", accountA, true},
		{user("none", accountA), "my_message.read", accountA, true},
		{user("none", accountA), "bot.list", accountA, false},
		{user("none", accountA), "category.list", accountA, true},
		{user("none", accountA), "message_type.get", accountA, false},
		{user("admin", models.Platform), "product.create", models.Platform, true},
		{user("admin", models.Platform), "account_operation.list", models.Platform, false},
		{user("admin", models.Platform), "bot.list", accountA, false},
		{user("auditor", models.Platform), "account_operation.list", models.Platform, true},
		{user("auditor", models.Platform), "product.list", models.Platform, false},
		{user("auditor", models.Platform), "account.list", models.Platform, false},
		{product, "notification.create", models.Platform, true},
		{product, "notification.create", accountA, true},
		{product, "notification.create", accountB, false},
		{product, "notification.resend", accountA, true},
		{product, "profile.get", models.Platform, true},
		{product, "profile.update", models.Platform, false},
		{product, "message_type.update", models.Platform, false},
		{user("admin", models.Platform), "bot.list", models.Platform, true},
		{user("auditor", models.Platform), "bot.list", models.Platform, false},
		{user("unknown", accountA), "profile.get", accountA, false},
		{user("root", accountA), "no.such_action", accountA, false},
	} {
		err := guard.Allow(t.Context(), c.actor, c.action, c.account)
		if got := err == nil; got != c.want {
			t.Errorf("Allow(%s, %s, %s) = %v, want allowed %t", c.actor.ID, c.action, c.account, err, c.want)
		}
		if err != nil && models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("Allow(%s, %s) = %v, want forbidden", c.actor.ID, c.action, err)
		}
	}
}

func TestARoleNameIsNoSubject(t *testing.T) {
	t.Parallel()
	grants := &fakeGrants{roles: map[string][]models.Role{"acc_a/u:Root": {models.RoleRoot}, "acc_a/u:r:Root": {models.RoleRoot}}}
	guard := newGuard(t, grants, fixed, -1)
	for _, id := range []string{"Root", "r:Root", "u:root", "", " ", "root\x00", "root\n", "*"} {
		if err := guard.Allow(t.Context(), user(id, accountA), "bot.create", accountA); err == nil {
			t.Errorf("a user with the id %q is allowed: names reach Casbin unchecked", id)
		}
	}
	if grants.reads != 0 {
		t.Errorf("malformed names were looked up %d times", grants.reads)
	}
}

func TestRolesOfTheOtherSideConferNothing(t *testing.T) {
	t.Parallel()
	grants := &fakeGrants{roles: map[string][]models.Role{
		"acc_a/u:mole":    {models.RoleOperatorAdmin, models.RoleOperatorAuditor, models.RoleProduct},
		"platform/u:mole": {models.RoleRoot, models.RoleFullAccess},
	}}
	guard := newGuard(t, grants, fixed, -1)
	for action, roles := range guard.Policy() {
		if slices.Contains(roles, models.RoleMember) {
			continue
		}
		for _, account := range []models.AccountID{accountA, models.Platform} {
			if err := guard.Allow(t.Context(), user("mole", account), action, account); err == nil {
				t.Errorf("%s is allowed in %s by a role of the other side", action, account)
			}
		}
	}
}

func TestARevokedRoleEndsAtOnce(t *testing.T) {
	t.Parallel()
	now := fixed()
	grants := &fakeGrants{roles: map[string][]models.Role{}}
	guard := newGuard(t, grants, func() time.Time { return now }, 0)
	allowed := func() bool {
		return guard.Allow(t.Context(), user("u1", accountA), "bot.create", accountA) == nil
	}
	grants.set("acc_a/u:u1", models.RoleFullAccess)
	if !allowed() {
		t.Fatal("granted, but not allowed")
	}
	grants.set("acc_a/u:u1")
	now = now.Add(time.Second)
	if allowed() {
		t.Error("revoked in another process, and still allowed a second later")
	}
	grants.set("acc_a/u:u1", models.RoleFullAccess)
	guard.Forget()
	if !allowed() {
		t.Error("granted in this process, and not allowed at once")
	}
	grants.set("acc_a/u:u1")
	guard.Forget()
	if allowed() {
		t.Error("revoked in this process, and still allowed")
	}
}

func TestUnreadableGrantsDeny(t *testing.T) {
	t.Parallel()
	grants := &fakeGrants{
		roles: map[string][]models.Role{"acc_a/u:root": {models.RoleRoot}},
		err:   models.Errorf(models.CodeUnavailable, "The database does not answer."),
	}
	guard := newGuard(t, grants, fixed, 0)
	for range 2 {
		err := guard.Allow(t.Context(), user("root", accountA), "bot.create", accountA)
		if models.CodeOf(err) != models.CodeUnavailable {
			t.Errorf("Allow() = %v, want unavailable: fail closed, and say that it passes", err)
		}
	}
	grants.err = nil
	if err := guard.Allow(t.Context(), user("root", accountA), "bot.create", accountA); err != nil {
		t.Errorf("Allow() = %v after the database is back: failures are remembered", err)
	}
}

func TestActionsListsWhatTheConsoleMayShow(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, &fakeGrants{roles: map[string][]models.Role{"acc_a/u:none": {models.RoleMember}}}, fixed, 0)
	actions, err := guard.Actions(t.Context(), user("none", accountA))
	if err != nil || !slices.Contains(actions, "profile.get") || slices.Contains(actions, "bot.list") || !slices.IsSorted(actions) {
		t.Errorf("Actions() = %v, %v", actions, err)
	}
}

func TestPoliciesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{`, `{"bot.create":["Root"],"bot.create":["Root"]}`, `{"bot.create":["root"]}`, `{"bot.create":[]}`,
		`{"bot":["Root"]}`, `{"bot.create\nx.y":["Root"]}`, `{"*":["Root"]}`, `{"bot.create":["Root","Root"]}`, `{"bot.create":"Root"}`,
	} {
		if _, err := rbac.ParsePolicy([]byte(text)); err == nil {
			t.Errorf("ParsePolicy(%s) passes", text)
		}
	}
}

// FuzzPolicyWrapper: nothing with an empty or malformed account, subject or action
// is allowed, whatever the grants would say.
func FuzzPolicyWrapper(f *testing.F) {
	guard := newGuard(f, everything{}, fixed, -1)
	for _, seed := range [][3]string{
		{"", "bot.create", "acc_a"},
		{"usr_1", "", "acc_a"},
		{"usr_1", "bot.create", ""},
		{"usr_1", "bot.create", "acc_a"},
		{"r:Root", "bot.create", "acc_a"},
		{"usr_1", "bot.create", "a:acc_a"},
		{"usr_1", "bot.create' || true || '", "acc_a"},
		{"usr_1", "bot.*", "acc_a"},
		{"usr_1", "bot.create", "platform"},
		{"usr_1", "bot.create", "Platform"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, subject, action, account string) {
		err := guard.Allow(t.Context(), user(subject, models.AccountID(account)), action, models.AccountID(account))
		if err != nil {
			return
		}
		if !plain(subject) || !plain(account) || guard.Policy().Roles(action) == nil {
			t.Fatalf("Allow(%q, %q, %q) passes", subject, action, account)
		}
	})
}

// everything grants all roles to everybody.
type everything struct{}

func (everything) UserRoles(context.Context, models.AccountID, string) ([]models.Role, error) {
	return []models.Role{
		models.RoleRoot, models.RoleFullAccess, models.RoleReadOnly, models.RoleMember,
		models.RoleOperatorAdmin, models.RoleOperatorAuditor, models.RoleProduct,
	}, nil
}

func (everything) KeyRoles(context.Context, models.AccountID, string) ([]models.Role, error) {
	return nil, errors.New("not asked")
}

func plain(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return s != ""
}
