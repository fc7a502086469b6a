package inbox

import (
	"context"
	"sync"
	"time"

	"belfry.dev/belfry/api/events"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/rbac"
	"belfry.dev/belfry/store"
)

// streamGuard tells which listeners may go on listening. It asks the database for
// all of them together: a question each would cost more than the streams do.
type streamGuard struct {
	store *store.Store
	idle  time.Duration
	roles *roster
	rbac  *rbac.Guard
}

func newStreamGuard(s *store.Store, idle time.Duration) (*streamGuard, error) {
	roles := &roster{}
	guard, err := rbac.New(rbac.Config{Grants: roles, Now: s.Now, Remember: -1})
	return &streamGuard{store: s, idle: idle, roles: roles, rbac: guard}, err
}

// Allowed implements events.Guard.
func (g *streamGuard) Allowed(ctx context.Context, tickets []events.Ticket) ([]bool, error) {
	var sessions, keys, users []string
	for _, ticket := range tickets {
		switch {
		case ticket.Actor.SessionID != "":
			sessions = append(sessions, ticket.Actor.SessionID)
		case ticket.Actor.Bell != "":
			users = append(users, ticket.Actor.ID)
		default:
			keys = append(keys, ticket.Actor.KeyID)
		}
	}
	live, err := g.store.Platform().Credentials().States(ctx, sessions, keys, users)
	if err != nil {
		return nil, err
	}
	holders, err := g.holders(ctx, tickets)
	if err != nil {
		return nil, err
	}
	g.roles.replace(live)
	allowed := make([]bool, len(tickets))
	for i, ticket := range tickets {
		if allowed[i], err = g.allows(ctx, ticket, live, holders); err != nil {
			return nil, err
		}
	}
	return allowed, nil
}

// holders are those of the keys that asked for tokens of bells, by key; a key that has ended
// has none. Products have few keys, however many people they ask for.
func (g *streamGuard) holders(ctx context.Context, tickets []events.Ticket) (map[string]store.KeyHolder, error) {
	holders := map[string]store.KeyHolder{}
	for _, ticket := range tickets {
		id := ticket.Actor.KeyID
		if _, known := holders[id]; known || id == "" || ticket.Actor.Bell == "" {
			continue
		}
		holder, err := g.store.Platform().Credentials().OfKey(ctx, id)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return nil, err
		}
		holders[id] = holder
	}
	return holders, nil
}

func (g *streamGuard) allows(ctx context.Context, ticket events.Ticket, live map[string]store.LiveCredential, holders map[string]store.KeyHolder) (bool, error) {
	credential := ticket.Actor.Credential()
	if ticket.Actor.Bell != "" {
		byKey := ticket.Actor.SessionID == ""
		if g.store.Now().Unix() >= ticket.Actor.BellUntil || (byKey && !holders[ticket.Actor.KeyID].MayAskFor(ticket.Actor)) {
			return false, nil
		}
		if byKey { // the key may be a product's: the user stands for the token
			credential = ticket.Actor.ID
		}
	}
	known, isLive := live[credential]
	if !isLive || known.UserID != ticket.Actor.ID || known.AccountID != ticket.Actor.Account {
		return false, nil
	}
	if seen := known.LastSeenAt; !seen.IsZero() && g.store.Now().Sub(seen) > g.idle {
		return false, nil
	}
	err := g.rbac.Allow(ctx, ticket.Actor, ticket.Action, ticket.Actor.Account)
	if models.CodeOf(err) == models.CodeForbidden {
		return false, nil
	}
	return err == nil, err
}

// roster are the memberships that were read for the question at hand; it is the
// rbac.Grants of streamGuard.
type roster struct {
	mu    sync.Mutex
	known map[rosterKey][]models.Role
}

type rosterKey struct {
	account models.AccountID
	user    string
}

func (r *roster) replace(live map[string]store.LiveCredential) {
	known := make(map[rosterKey][]models.Role, len(live))
	for _, s := range live {
		known[rosterKey{s.AccountID, s.UserID}] = s.Roles
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = known
}

// UserRoles implements rbac.Grants.
func (r *roster) UserRoles(_ context.Context, account models.AccountID, user string) ([]models.Role, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[rosterKey{account, user}], nil
}

// KeyRoles implements rbac.Grants: products have no inbox.
func (r *roster) KeyRoles(context.Context, models.AccountID, string) ([]models.Role, error) {
	return nil, nil
}
