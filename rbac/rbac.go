// Package rbac decides who may do what: Casbin's RBAC with domains over a
// handful of global policy rows (role → action), with memberships read from the
// grants at each check.
//
// Three things are decided on purpose (docs: guarantees of access):
//
//   - Everything that Casbin compares carries a prefix: u:<user>, k:<access key>,
//     r:<role>, a:<account> or "platform". A role's name is never a subject.
//   - Permission is asked for an action, the constant of an operation
//     ("bot.create"), and compared for equality; never for a URL.
//   - Memberships do not go through Casbin's g(): the enforcer memoises its
//     results for as long as the compiled matcher lives, also the plain one, and
//     drops the role manager's errors. It would keep allowing after a revoke. The
//     matcher calls holds(), which asks Grants with the request's context.
package rbac

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/casbin/casbin/v2"

	"belfry.dev/belfry/models"
)

// Grants tells which roles somebody holds at this moment. An empty list means
// none; an error means that it is not known, and then nothing is allowed.
type Grants interface {
	// UserRoles lists what the user's kind and the unexpired grants confer in
	// the account. Unknown, disabled and foreign users hold nothing.
	UserRoles(ctx context.Context, account models.AccountID, user string) ([]models.Role, error)
	// KeyRoles lists what the access key of a product confers in the account.
	// Revoked and expired keys and those of disabled products confer nothing.
	KeyRoles(ctx context.Context, account models.AccountID, key string) ([]models.Role, error)
}

// Config of a Guard.
type Config struct {
	Grants Grants
	// Now is the clock.
	Now func() time.Time
	// Remember is for how long memberships may be reused: at most a second,
	// default a second; negative never reuses.
	Remember time.Duration
	// Checked hears every answer of Allow; nil does not.
	Checked func(answer error)
}

// Guard answers permission questions. It is safe for concurrent use.
type Guard struct {
	// enforcers hold each action's rows: a check looks at those only, and an
	// action without rows is denied before Casbin is asked.
	enforcers map[string]*casbin.Enforcer
	members   *members
	policy    Policy
	// actions are the policy's, sorted.
	actions []string
	checked func(error)
}

// New builds a Guard over the embedded policy.
func New(c Config) (*Guard, error) {
	policy, err := Embedded()
	if err != nil {
		return nil, err
	}
	return newGuard(c, policy)
}

func newGuard(c Config, policy Policy) (*Guard, error) {
	if c.Grants == nil || c.Now == nil {
		return nil, errors.New("rbac: Grants and Now are required")
	}
	g := &Guard{enforcers: map[string]*casbin.Enforcer{}, members: newMembers(c), policy: policy, checked: c.Checked}
	g.actions = slices.Sorted(maps.Keys(policy))
	if g.checked == nil {
		g.checked = func(error) {}
	}
	for action, roles := range policy {
		enforcer, err := newEnforcer(action, roles)
		if err != nil {
			return nil, fmt.Errorf("rbac: policy of %s: %w", action, err)
		}
		g.enforcers[action] = enforcer
	}
	return g, nil
}

// Policy returns the roles of each action; the caller must not change it.
func (g *Guard) Policy() Policy { return g.policy }

// Allow reports whether the actor may perform the action in the account: nil
// when it may, forbidden when it may not, unavailable when memberships cannot be
// read. Empty and malformed arguments are forbidden without asking Casbin.
func (g *Guard) Allow(ctx context.Context, actor models.Actor, action string, account models.AccountID) error {
	err := g.allow(ctx, actor, action, account)
	g.checked(err)
	return err
}

func (g *Guard) allow(ctx context.Context, actor models.Actor, action string, account models.AccountID) error {
	who, err := newCaller(ctx, g.members, actor, account)
	if err != nil {
		return denied()
	}
	enforcer, ok := g.enforcers[action]
	if !ok {
		return denied()
	}
	allowed, err := enforcer.Enforce(who, who.domain, action)
	if who.err != nil {
		return who.err
	}
	if err != nil {
		return fmt.Errorf("decide %s: %w", action, err)
	}
	if !allowed {
		return denied()
	}
	return nil
}

// Roles lists the roles that the actor holds in its own account now.
func (g *Guard) Roles(ctx context.Context, actor models.Actor) ([]models.Role, error) {
	who, err := newCaller(ctx, g.members, actor, actor.Account)
	if err != nil {
		return nil, denied()
	}
	return who.roles()
}

// Actions lists what the actor may do in its own account, sorted; empty, never
// nil. A console shows what is in it.
func (g *Guard) Actions(ctx context.Context, actor models.Actor) ([]string, error) {
	roles, err := g.Roles(ctx, actor)
	if err != nil {
		return nil, err
	}
	may := func(r models.Role) bool { return slices.Contains(roles, r) }
	actions := make([]string, 0, len(g.actions))
	for _, action := range g.actions {
		if slices.ContainsFunc(g.policy[action], may) {
			actions = append(actions, action)
		}
	}
	return actions, nil
}

// Forget drops what is remembered about memberships, so that a change made in this
// process holds at once here; other processes follow within Config.Remember.
func (g *Guard) Forget() { g.members.known.Forget() }

func denied() error {
	return models.Errorf(models.CodeForbidden, "You have no right to do this.")
}
