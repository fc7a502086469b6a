package store

import (
	"context"
	"slices"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
)

// Grants reads which roles the account's users and keys have.
type Grants struct{ sc Scope }

// Grants returns which roles the account's users and keys have.
func (sc Scope) Grants() Grants { return Grants{sc: sc} }

// TxGrants reads and changes which roles the account's users and keys have, in a transaction.
type TxGrants struct {
	Grants
	tx TxScope
}

// Grants returns which roles the account's users and keys have, inside the transaction.
func (tx TxScope) Grants() TxGrants { return TxGrants{Grants: tx.Scope.Grants(), tx: tx} }

// List returns a page of the account's grants, newest first, with expired ones;
// user selects one user's, "" everybody's. Indexes: grants_newest, grants_role.
func (h Grants) List(ctx context.Context, user string, page Page) ([]models.Grant, string, error) {
	q := h.sc.rows(ctx)
	if user != "" {
		q = q.Where("user_id = ?", user)
	}
	return newest(q, page, func(g models.Grant) (time.Time, string) { return g.CreatedAt, g.ID })
}

// ByID returns one grant. Index: primary key.
func (h Grants) ByID(ctx context.Context, id string) (models.Grant, error) {
	return byID[models.Grant](ctx, h.sc, id)
}

// Create inserts the grant and replaces an expired one of the same role; it
// fills in id, account and creation time. Codes: not-found when the account has no
// such user; conflict when the user holds the role already.
func (h TxGrants) Create(ctx context.Context, g *models.Grant) error {
	if _, err := one[models.User]("lock user", forUpdate(h.tx.rows(ctx)), g.UserID); err != nil {
		return err
	}
	err := h.tx.rows(ctx).Where("user_id = ? AND role = ?", g.UserID, g.Role).
		Where("expires_at <= ?", h.tx.now()).Delete(&models.Grant{}).Error
	if err != nil {
		return failed("replace expired grant", err)
	}
	g.ID, g.AccountID = NewID(models.KindGrant), h.tx.account
	return failed("create grant", h.tx.insert(ctx, g))
}

// Delete revokes the grant and returns it.
func (h TxGrants) Delete(ctx context.Context, id string) (models.Grant, error) {
	g, err := one[models.Grant]("lock grant", forUpdate(h.tx.rows(ctx)), id)
	if err != nil {
		return g, err
	}
	return g, failed("delete grant", h.tx.rows(ctx).Where("id = ?", id).Delete(&models.Grant{}).Error)
}

// membership is a user's kind with one grant, or with none.
type membership struct {
	Kind      models.UserKind
	Role      *models.Role
	ExpiresAt *time.Time
}

// Roles is the roles that users and keys have.
type Roles struct{ s *Store }

// Roles returns the roles that users and keys have.
func (s *Store) Roles() Roles { return Roles{s: s} }

// UserRoles lists what the user's kind and the unexpired grants confer in the
// account, without repeats; grants by name. Unknown, disabled and foreign users hold nothing, and
// nobody holds anything in a disabled account. Indexes: primary keys, grants_role.
func (h Roles) UserRoles(ctx context.Context, account models.AccountID, user string) ([]models.Role, error) {
	if !list.ValidID(user) || account == "" {
		return nil, nil
	}
	var rows []membership
	err := h.s.Platform().rows(ctx, "three tables, each bound to the account").Raw(`
		SELECT u.kind, g.role, g.expires_at FROM users u
		JOIN accounts a ON a.id = u.account_id AND a.enabled = ?
		LEFT JOIN grants g ON g.account_id = u.account_id AND g.user_id = u.id
		WHERE u.account_id = ? AND u.id = ? AND u.enabled = ?`,
		true, account, user, true).Scan(&rows).Error
	if err != nil {
		return nil, failed("read roles", err)
	}
	return confer(rows, h.s.Now()), nil
}

func confer(rows []membership, now time.Time) []models.Role {
	if len(rows) == 0 {
		return nil
	}
	kind := rows[0].Kind
	var granted []models.Role
	for _, row := range rows {
		if row.Role == nil || !kind.MayHold(*row.Role) {
			continue
		}
		if (models.Grant{ExpiresAt: row.ExpiresAt}).Live(now) {
			granted = append(granted, *row.Role)
		}
	}
	slices.Sort(granted)
	return append(kind.Roles(), granted...)
}

// KeyRoles lists what the access key of a product confers in the account: the
// product's role in the accounts that it may address and in its own, the Platform.
// Unknown, revoked and expired keys and those of disabled products confer nothing.
func (h Roles) KeyRoles(ctx context.Context, account models.AccountID, key string) ([]models.Role, error) {
	holder, err := h.s.Platform().Credentials().OfKey(ctx, key)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if holder.Key.OwnerKind != models.ActorProduct {
		return nil, nil
	}
	if account != models.Platform && !holder.Product.MayAddress(account) {
		return nil, nil
	}
	return []models.Role{models.RoleProduct}, nil
}
