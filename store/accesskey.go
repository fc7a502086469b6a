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

// KeyHolder returns the key with the id and its owner. The caller compares the
// secret's hash. Code not-found: it is unknown, expired or revoked, or its owner
// is disabled or gone. Indexes: primary keys.
func (p Platform) KeyHolder(ctx context.Context, id string) (KeyHolder, error) {
	key, err := one[models.AccessKey]("read access key", p.rows(ctx, "the credential alone says whose it is"), id)
	if err != nil {
		return KeyHolder{}, err
	}
	if !key.Usable(p.now()) {
		return KeyHolder{}, models.NotFound()
	}
	holder := KeyHolder{Key: key}
	if key.OwnerKind == models.ActorProduct {
		holder.Product, err = p.Product(ctx, key.OwnerID)
		if err == nil && !holder.Product.Enabled {
			err = models.NotFound()
		}
	} else {
		holder.User, holder.Account, err = p.person(ctx, key.AccountID, key.OwnerID)
	}
	if err != nil {
		return KeyHolder{}, err
	}
	return holder, nil
}

// AccessKey returns one key of the owner. Index: primary key.
func (sc Scope) AccessKey(ctx context.Context, kind models.ActorKind, owner, id string) (models.AccessKey, error) {
	q := sc.rows(ctx).Where("owner_kind = ? AND owner_id = ?", kind, owner)
	return one[models.AccessKey]("read access key", q, id)
}

// AccessKeys returns a page of the owner's keys, newest first, with expired and
// revoked ones. Index: access_keys_owner.
func (sc Scope) AccessKeys(ctx context.Context, kind models.ActorKind, owner string, page Page) ([]models.AccessKey, string, error) {
	q := sc.rows(ctx).Where("owner_kind = ? AND owner_id = ?", kind, owner)
	return newest(q, page, func(k models.AccessKey) (time.Time, string) { return k.CreatedAt, k.ID })
}

// CreateAccessKey inserts the key; it fills in account and creation time, and the
// id where the caller, who writes it into the credential, has not set one. The
// keys of products belong to the Platform account.
func (tx TxScope) CreateAccessKey(ctx context.Context, k *models.AccessKey) error {
	k.AccountID = tx.account
	if k.ID == "" {
		k.ID = NewID(models.KindAccessKey)
	}
	return failed("create access key", tx.insert(ctx, k))
}

// RotateAccessKey records that another key took the place of the owner's key,
// which ends at the time, the overlap's end, unless it ends earlier already. It
// returns the key before and after. Code conflict: it has ended or was rotated
// before, so that its end is not the one that its owner gave it.
func (tx TxScope) RotateAccessKey(ctx context.Context, kind models.ActorKind, owner, id string, at time.Time) (before, after models.AccessKey, err error) {
	before, err = tx.lockKey(ctx, kind, owner, id)
	after = before
	switch {
	case err != nil:
		return before, after, err
	case !before.Usable(tx.now()):
		return before, after, models.Errorf(models.CodeConflict, "The key has ended; make a new one.")
	case before.RotatedAt != nil:
		return before, after, models.Errorf(models.CodeConflict, "The key was rotated already; rotate the one that took its place, or make a new one.")
	}
	now, at := tx.now(), at.UTC().Truncate(time.Microsecond)
	if after.RotatedAt = &now; before.ExpiresAt == nil || at.Before(*before.ExpiresAt) {
		after.ExpiresAt = &at
	}
	err = tx.rows(ctx).Model(&models.AccessKey{}).Where("id = ?", id).
		Updates(map[string]any{"rotated_at": now, "expires_at": after.ExpiresAt}).Error
	return before, after, failed("rotate access key", err)
}

// RevokeAccessKey ends the owner's key now; repeating it changes nothing. It
// returns the key.
func (tx TxScope) RevokeAccessKey(ctx context.Context, kind models.ActorKind, owner, id string) (models.AccessKey, error) {
	k, err := tx.lockKey(ctx, kind, owner, id)
	if err != nil || k.RevokedAt != nil {
		return k, err
	}
	now := tx.now()
	k.RevokedAt = &now
	return k, tx.setKey(ctx, id, "revoked_at", now)
}

// TouchAccessKey records that the key was used now.
func (tx TxScope) TouchAccessKey(ctx context.Context, id string) error {
	return tx.setKey(ctx, id, "last_used_at", tx.now())
}

func (tx TxScope) lockKey(ctx context.Context, kind models.ActorKind, owner, id string) (models.AccessKey, error) {
	q := forUpdate(tx.rows(ctx).Where("owner_kind = ? AND owner_id = ?", kind, owner))
	return one[models.AccessKey]("lock access key", q, id)
}

func (tx TxScope) setKey(ctx context.Context, id, column string, at time.Time) error {
	err := tx.rows(ctx).Model(&models.AccessKey{}).Where("id = ?", id).Update(column, at).Error
	return failed("change access key", err)
}
