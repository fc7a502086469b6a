package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// KeyHolder is a usable access key with whom it signs in: a product, or a user
// with the account.
type KeyHolder struct {
	Key     models.AccessKey
	Product models.Product
	User    models.User
	Account models.Account
}

// OfKey returns the key with the id and its owner. The caller compares the
// secret's hash. Code not-found: it is unknown, expired or revoked, or its owner
// is disabled or gone. Indexes: primary keys.
func (h Credentials) OfKey(ctx context.Context, id string) (KeyHolder, error) {
	key, err := one[models.AccessKey]("read access key", h.p.rows(ctx, "the credential alone says whose it is"), id)
	if err != nil {
		return KeyHolder{}, err
	}
	if !key.Usable(h.p.now()) {
		return KeyHolder{}, models.NotFound()
	}
	holder := KeyHolder{Key: key}
	if key.OwnerKind == models.ActorProduct {
		holder.Product, err = h.p.Products().ByID(ctx, key.OwnerID)
		if err == nil && !holder.Product.Enabled {
			err = models.NotFound()
		}
	} else {
		holder.User, holder.Account, err = h.person(ctx, key.AccountID, key.OwnerID)
	}
	if err != nil {
		return KeyHolder{}, err
	}
	return holder, nil
}

// AccessKeys reads the access keys of the account's users and products.
type AccessKeys struct{ sc Scope }

// AccessKeys returns the access keys of the account's users and products.
func (sc Scope) AccessKeys() AccessKeys { return AccessKeys{sc: sc} }

// TxAccessKeys reads and changes the access keys of the account's users and products, in a transaction.
type TxAccessKeys struct {
	AccessKeys
	tx TxScope
}

// AccessKeys returns the access keys of the account's users and products, inside the transaction.
func (tx TxScope) AccessKeys() TxAccessKeys {
	return TxAccessKeys{AccessKeys: tx.Scope.AccessKeys(), tx: tx}
}

// ByID returns one key of the owner. Index: primary key.
func (h AccessKeys) ByID(ctx context.Context, kind models.ActorKind, owner, id string) (models.AccessKey, error) {
	q := h.sc.rows(ctx).Where("owner_kind = ? AND owner_id = ?", kind, owner)
	return one[models.AccessKey]("read access key", q, id)
}

// List returns a page of the owner's keys, newest first, with expired and
// revoked ones. Index: access_keys_owner.
func (h AccessKeys) List(ctx context.Context, kind models.ActorKind, owner string, page Page) ([]models.AccessKey, string, error) {
	q := h.sc.rows(ctx).Where("owner_kind = ? AND owner_id = ?", kind, owner)
	return newest(q, page, func(k models.AccessKey) (time.Time, string) { return k.CreatedAt, k.ID })
}

// ProductKeysBy returns the usable keys of products that the operator made or rotated, oldest
// first; empty, never nil. Indexes: primary key, and see made.
func (h AccessKeys) ProductKeysBy(ctx context.Context, user string) ([]models.AccessKey, error) {
	usable := []models.AccessKey{}
	err := h.sc.rows(ctx).Where("owner_kind = ? AND revoked_at IS NULL", models.ActorProduct).
		Where("expires_at IS NULL OR expires_at > ?", h.sc.now()).
		Where("id IN (?)", made(ctx, h.sc, user, "product_key.create", "product_key.rotate")).
		Order("created_at, id").Find(&usable).Error
	return usable, failed("read access keys of their maker", err)
}

// Create inserts the key; it fills in account and creation time, and the
// id where the caller, who writes it into the credential, has not set one. The
// keys of products belong to the Platform account.
func (h TxAccessKeys) Create(ctx context.Context, k *models.AccessKey) error {
	k.AccountID = h.tx.account
	if k.ID == "" {
		k.ID = NewID(models.KindAccessKey)
	}
	return failed("create access key", h.tx.insert(ctx, k))
}

// Rotate records that another key took the place of the owner's key,
// which ends at the time, the overlap's end, unless it ends earlier already. It
// returns the key before and after. Code conflict: it has ended or was rotated
// before, so that its end is not the one that its owner gave it.
func (h TxAccessKeys) Rotate(ctx context.Context, kind models.ActorKind, owner, id string, at time.Time) (before, after models.AccessKey, err error) {
	before, err = h.lock(ctx, kind, owner, id)
	after = before
	switch {
	case err != nil:
		return before, after, err
	case !before.Usable(h.tx.now()):
		return before, after, models.Errorf(models.CodeConflict, "The key has ended; make a new one.")
	case before.RotatedAt != nil:
		return before, after, models.Errorf(models.CodeConflict, "The key was rotated already; rotate the one that took its place, or make a new one.")
	}
	now, at := h.tx.now(), at.UTC().Truncate(time.Microsecond)
	if after.RotatedAt = &now; before.ExpiresAt == nil || at.Before(*before.ExpiresAt) {
		after.ExpiresAt = &at
	}
	err = h.tx.rows(ctx).Model(&models.AccessKey{}).Where("id = ?", id).
		Updates(map[string]any{"rotated_at": now, "expires_at": after.ExpiresAt}).Error
	return before, after, failed("rotate access key", err)
}

// Revoke ends the owner's key now; repeating it changes nothing. It
// returns the key.
func (h TxAccessKeys) Revoke(ctx context.Context, kind models.ActorKind, owner, id string) (models.AccessKey, error) {
	k, err := h.lock(ctx, kind, owner, id)
	if err != nil || k.RevokedAt != nil {
		return k, err
	}
	now := h.tx.now()
	k.RevokedAt = &now
	return k, h.set(ctx, id, "revoked_at", now)
}

// Touch records that the key was used now.
func (h TxAccessKeys) Touch(ctx context.Context, id string) error {
	return h.set(ctx, id, "last_used_at", h.tx.now())
}

func (h TxAccessKeys) lock(ctx context.Context, kind models.ActorKind, owner, id string) (models.AccessKey, error) {
	q := forUpdate(h.tx.rows(ctx).Where("owner_kind = ? AND owner_id = ?", kind, owner))
	return one[models.AccessKey]("lock access key", q, id)
}

func (h TxAccessKeys) set(ctx context.Context, id, column string, at time.Time) error {
	err := h.tx.rows(ctx).Model(&models.AccessKey{}).Where("id = ?", id).Update(column, at).Error
	return failed("change access key", err)
}
