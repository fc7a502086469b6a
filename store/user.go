package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
)

// Users reads the account's users.
type Users struct{ sc Scope }

// Users returns the account's users.
func (sc Scope) Users() Users { return Users{sc: sc} }

// TxUsers reads and changes the account's users, in a transaction.
type TxUsers struct {
	Users
	tx TxScope
}

// Users returns the account's users, inside the transaction.
func (tx TxScope) Users() TxUsers { return TxUsers{Users: tx.Scope.Users(), tx: tx} }

// ByID returns one user. Index: primary key.
func (h Users) ByID(ctx context.Context, id string) (models.User, error) {
	return byID[models.User](ctx, h.sc, id)
}

// ByName returns the user who signs in with the name. Index: users_name.
func (h Users) ByName(ctx context.Context, name string) (models.User, error) {
	var u models.User
	err := h.sc.rows(ctx).Where("name = ?", name).Take(&u).Error
	if err == nil && u.Name != name { // MySQL ignores trailing spaces
		return models.User{}, models.NotFound()
	}
	return u, failed("read user by name", err)
}

// Root returns the account's root user. Code not-found: there is none, as on
// the platform. Index: users_root.
func (h Users) Root(ctx context.Context) (models.User, error) {
	var u models.User
	err := h.sc.rows(ctx).Where("root_user = 1").Take(&u).Error
	return u, failed("read root user", err)
}

// Names returns what people call the users, by id; those that are gone are missing. Index:
// primary key.
func (h Users) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	names, err := list.Names(h.sc.rows(ctx).Model(&models.User{}), ids)
	return names, failed("read user names", err)
}

// List returns a page of the account's users, newest first. Index: users_newest.
func (h Users) List(ctx context.Context, page Page) ([]models.User, string, error) {
	return h.Find(ctx, NamedFilter{}, page)
}

// Find is List for those that the filter selects. Index: users_newest.
func (h Users) Find(ctx context.Context, f NamedFilter, page Page) ([]models.User, string, error) {
	return newest(f.Apply(h.sc.rows(ctx), "name", "display_name"), page, func(u models.User) (time.Time, string) { return u.CreatedAt, u.ID })
}

// Create inserts the user and the head of the personal inbox; it fills in id,
// account, version and times. Code conflict: the name is taken, or the account
// has a root user already.
func (h TxUsers) Create(ctx context.Context, u *models.User) error {
	u.ID, u.AccountID, u.Version = NewID(models.KindUser), h.tx.account, 1
	if err := h.tx.insert(ctx, u); err != nil {
		return failed("create user", err)
	}
	return h.tx.Account().startInbox(ctx, u.ID)
}

// Lock returns the user and keeps others from changing it until the
// transaction ends. Code not-found.
func (h TxUsers) Lock(ctx context.Context, id string) (models.User, error) {
	return one[models.User]("lock user", forUpdate(h.tx.rows(ctx)), id)
}

// Update changes the user. Codes: see change.
func (h TxUsers) Update(ctx context.Context, id string, ifVersion int64, fn func(*models.User) error) (before, after models.User, err error) {
	return change(h.tx.rows(ctx), id, ifVersion, func(u *models.User) *int64 { return &u.Version }, fn)
}

// Delete deletes the user with grants, sessions, access keys and the personal
// inbox, and unlinks contacts. It returns the user. Code not-found.
func (h TxUsers) Delete(ctx context.Context, id string) (models.User, error) {
	u, err := h.Lock(ctx, id)
	if err != nil {
		return u, err
	}
	unlinked := map[string]any{"user_id": "", "version": increment("version")}
	if err := h.tx.rows(ctx).Model(&models.Contact{}).Where("linked_user = ?", id).Updates(unlinked).Error; err != nil {
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
		if err := h.tx.rows(ctx).Where(each.column+" = ?", id).Delete(each.rows).Error; err != nil {
			return u, failed("delete user", err)
		}
	}
	return u, nil
}
