package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// User returns one user. Index: primary key.
func (sc Scope) User(ctx context.Context, id string) (models.User, error) {
	return byID[models.User](ctx, sc, id)
}

// UserByName returns the user who signs in with the name. Index: users_name.
func (sc Scope) UserByName(ctx context.Context, name string) (models.User, error) {
	var u models.User
	err := sc.rows(ctx).Where("name = ?", name).Take(&u).Error
	if err == nil && u.Name != name { // MySQL ignores trailing spaces
		return models.User{}, models.NotFound()
	}
	return u, failed("read user by name", err)
}

// RootUser returns the account's root user. Code not-found: there is none, as on
// the platform. Index: users_root.
func (sc Scope) RootUser(ctx context.Context) (models.User, error) {
	var u models.User
	err := sc.rows(ctx).Where("root_user = 1").Take(&u).Error
	return u, failed("read root user", err)
}

// Users returns a page of the account's users, newest first. Index: users_newest.
func (sc Scope) Users(ctx context.Context, page Page) ([]models.User, string, error) {
	return newest(sc.rows(ctx), page, func(u models.User) (time.Time, string) { return u.CreatedAt, u.ID })
}

// CreateUser inserts the user and the head of the personal inbox; it fills in id,
// account, version and times. Code conflict: the name is taken, or the account
// has a root user already.
func (tx TxScope) CreateUser(ctx context.Context, u *models.User) error {
	u.ID, u.AccountID, u.Version = NewID(models.KindUser), tx.account, 1
	if err := tx.insert(ctx, u); err != nil {
		return failed("create user", err)
	}
	return tx.startInbox(ctx, u.ID)
}

// LockUser returns the user and keeps others from changing it until the
// transaction ends. Code not-found.
func (tx TxScope) LockUser(ctx context.Context, id string) (models.User, error) {
	return one[models.User]("lock user", forUpdate(tx.rows(ctx)), id)
}

// UpdateUser changes the user. Codes: see change.
func (tx TxScope) UpdateUser(ctx context.Context, id string, ifVersion int64, fn func(*models.User) error) (before, after models.User, err error) {
	return change(tx.rows(ctx), id, ifVersion, func(u *models.User) *int64 { return &u.Version }, fn)
}

// DeleteUser deletes the user with grants, sessions, access keys and the personal
// inbox, and unlinks contacts. It returns the user. Code not-found.
func (tx TxScope) DeleteUser(ctx context.Context, id string) (models.User, error) {
	u, err := tx.LockUser(ctx, id)
	if err != nil {
		return u, err
	}
	unlinked := map[string]any{"user_id": "", "version": increment("version")}
	if err := tx.rows(ctx).Model(&models.Contact{}).Where("linked_user = ?", id).Updates(unlinked).Error; err != nil {
		return u, failed("unlink contacts", err)
	}
	owned := []struct {
		column string
		rows   any
	}{
		{"user_id", &models.Grant{}},
		{"user_id", &models.Session{}},
		{"owner_id", &models.AccessKey{}},
		{"owner", &models.Message{}},
		{"owner", &models.InboxHead{}},
		{"id", &models.User{}},
	}
	for _, each := range owned {
		if err := tx.rows(ctx).Where(each.column+" = ?", id).Delete(each.rows).Error; err != nil {
			return u, failed("delete user", err)
		}
	}
	return u, nil
}
