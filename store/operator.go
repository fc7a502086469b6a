package store

import (
	"context"
	"slices"

	"belfry.dev/belfry/models"
)

// LockOperators locks the account's users until the transaction ends, so that two
// requests cannot each remove the other's last administrator. Index: users_newest.
func (h TxGrants) LockOperators(ctx context.Context) error {
	var ids []string
	err := forUpdate(h.tx.rows(ctx)).Model(&models.User{}).Order("id").Pluck("id", &ids).Error
	return failed("lock operators", err)
}

// CountHolders counts the enabled users who hold the role now. Indexes:
// users_newest, grants_role.
func (h Grants) CountHolders(ctx context.Context, role models.Role) (int, error) {
	var enabled []string
	err := h.sc.rows(ctx).Model(&models.User{}).Where("enabled = ?", true).Pluck("id", &enabled).Error
	if err != nil {
		return 0, failed("count holders", err)
	}
	grants, err := h.liveGrants(ctx, enabled)
	count := 0
	for _, g := range grants {
		if g.Role == role {
			count++
		}
	}
	return count, err
}

// RolesByUser lists the roles that were granted to each of the users and count
// now, by user id. Index: grants_role.
func (h Grants) RolesByUser(ctx context.Context, users []models.User) (map[string][]models.Role, error) {
	ids := make([]string, 0, len(users))
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	grants, err := h.liveGrants(ctx, ids)
	roles := map[string][]models.Role{}
	for _, g := range grants {
		roles[g.UserID] = append(roles[g.UserID], g.Role)
	}
	return roles, err
}

func (h Grants) liveGrants(ctx context.Context, users []string) ([]models.Grant, error) {
	var grants []models.Grant
	if len(users) == 0 {
		return nil, nil
	}
	err := h.sc.rows(ctx).Where("user_id IN ?", users).Order("id").Find(&grants).Error
	if err != nil {
		return nil, failed("read grants", err)
	}
	return slices.DeleteFunc(grants, func(g models.Grant) bool { return !g.Live(h.sc.now()) }), nil
}

// SetRoles makes the roles the only ones that are granted to the user, without
// end; by is the id of who grants them.
func (h TxGrants) SetRoles(ctx context.Context, user string, roles []models.Role, by string) error {
	if err := h.tx.rows(ctx).Where("user_id = ?", user).Delete(&models.Grant{}).Error; err != nil {
		return failed("replace grants", err)
	}
	for _, role := range roles {
		if err := h.Create(ctx, &models.Grant{UserID: user, Role: role, CreatedBy: by}); err != nil {
			return err
		}
	}
	return nil
}
