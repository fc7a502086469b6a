package rbac

import (
	"context"
	"errors"
	"slices"
	"strings"

	"belfry.dev/belfry/models"
)

// Prefixes keep the kinds of names apart.
const (
	prefixUser    = "u:"
	prefixKey     = "k:"
	prefixRole    = "r:"
	prefixAccount = "a:"
)

// maxName bounds ids; they are shorter.
const maxName = 64

var errName = errors.New("rbac: empty or malformed name")

// caller is who asks, in one domain, during one check. It reads memberships at
// most once.
type caller struct {
	ctx     context.Context //nolint:containedctx // of this check only: casbin calls holds without one
	members *members
	account models.AccountID
	subject string
	domain  string

	loaded bool
	names  []string // roles with their prefix
	list   []models.Role
	err    error
}

// newCaller refuses what must never reach Casbin: empty ids, ids with characters
// that ids do not have, and actors that are neither a user nor a product's key.
func newCaller(ctx context.Context, m *members, actor models.Actor, account models.AccountID) (*caller, error) {
	subject, err := subjectOf(actor)
	if err != nil {
		return nil, err
	}
	domain, err := domainOf(account)
	if err != nil {
		return nil, err
	}
	return &caller{ctx: ctx, members: m, account: account, subject: subject, domain: domain}, nil
}

func subjectOf(actor models.Actor) (string, error) {
	switch {
	case actor.Kind == models.ActorUser && validName(actor.ID):
		return prefixUser + actor.ID, nil
	case actor.Kind == models.ActorProduct && validName(actor.KeyID):
		return prefixKey + actor.KeyID, nil
	}
	return "", errName
}

func domainOf(account models.AccountID) (string, error) {
	if account == models.Platform {
		return string(account), nil
	}
	if !validName(string(account)) {
		return "", errName
	}
	return prefixAccount + string(account), nil
}

// validName reports whether s can be an id: 1–64 of a–z, 0–9 and "_".
func validName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}

// holds reports whether the caller has the prefixed role in its domain.
func (c *caller) holds(role string) (bool, error) {
	if _, err := c.roles(); err != nil {
		return false, err
	}
	return slices.Contains(c.names, role), nil
}

func (c *caller) roles() ([]models.Role, error) {
	if c.loaded {
		return c.list, c.err
	}
	c.loaded = true
	roles, err := c.members.roles(c.ctx, c.account, c.subject)
	if err != nil {
		c.err = err
		return nil, err
	}
	for _, r := range roles {
		if conferrable(r, c.subject, c.account) {
			c.list = append(c.list, r)
			c.names = append(c.names, prefixRole+string(r))
		}
	}
	return c.list, nil
}

// conferrable reports whether the role exists for the subject in the account's
// domain: an operator's role in a tenant's account, a tenant's role under the
// platform, and a product's role of a person confer nothing, whatever a row says.
func conferrable(r models.Role, subject string, account models.AccountID) bool {
	if strings.HasPrefix(subject, prefixKey) {
		return r == models.RoleProduct
	}
	switch r {
	case models.RoleMember:
		return true
	case models.RoleRoot, models.RoleFullAccess, models.RoleReadOnly:
		return account != models.Platform
	case models.RoleOperatorAdmin, models.RoleOperatorAuditor:
		return account == models.Platform
	}
	return false
}
