package keys

import (
	"context"
	"time"

	"belfry.dev/belfry/api/credential"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// maxKeys bounds the usable access keys of one owner.
const maxKeys = 20

func describeAccessKeys() map[string]operation.Operation {
	return map[string]operation.Operation{
		"access_key.create": {
			Summary: "Make an access key that acts as me", Description: "The key is shown in this answer only.",
		},
		"access_key.list": {
			Summary:     "List my access keys, ended ones too",
			Description: "Secrets are not shown again: only the creation of a key shows its secret.",
		},
		"access_key.rotate": {
			Summary: "Replace an access key", Description: "The old key works on for the overlap, a day by default.",
		},
		"access_key.delete": {
			Summary:     "Revoke an access key",
			Description: "It is refused from then on; the list goes on showing it.",
		},
	}
}

// KeyView is an access key without its secret.
type KeyView struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	RotatedAt  *time.Time `json:"rotated_at" doc:"When another key took its place."`
	RevokedAt  *time.Time `json:"revoked_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func viewKey(k models.AccessKey) KeyView {
	return KeyView{ID: k.ID, Name: k.Name, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RotatedAt: k.RotatedAt, RevokedAt: k.RevokedAt, LastUsedAt: k.LastUsedAt}
}

// newKeyOut is the only answer that holds a key.
type newKeyOut struct {
	Location string `header:"Location"`
	Body     struct {
		KeyView
		Key string `json:"key" doc:"To be sent as Authorization: Bearer. It is not shown again."`
	}
}

type newKeyBody struct {
	Name      string     `json:"name" minLength:"1" maxLength:"64"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When the key ends by itself; at most ten years ahead."`
}

type rotateBody struct {
	OverlapSeconds *int64 `json:"overlap_seconds,omitempty" minimum:"0" maximum:"604800" doc:"For how long the old key works on; default 86,400."`
}

func (b *rotateBody) overlap() time.Duration {
	if b == nil || b.OverlapSeconds == nil {
		return 24 * time.Hour
	}
	return time.Duration(*b.OverlapSeconds) * time.Second
}

// keyRing are the access keys of one owner.
type keyRing struct {
	account models.AccountID
	kind    models.ActorKind
	owner   string
	path    string
	object  string
}

func ownKeys(c *operation.Call) keyRing {
	return keyRing{account: c.Account(), kind: models.ActorUser, owner: c.Actor.ID, path: "/v1/me/access-keys/", object: "access_key"}
}

// create makes a key; see add.
func (r keyRing) create(ctx context.Context, tx *store.Tx, name string, expires *time.Time) (*operation.Done[newKeyOut], error) {
	key, out, err := r.add(ctx, tx, name, expires)
	if err != nil {
		return nil, err
	}
	return operation.Did(out, operation.Of(r.object, key.ID, key.Name), nil, viewKey(key)), nil
}

// add makes a key, and the answer that shows it. Code conflict: the owner has as many as
// may be.
func (r keyRing) add(ctx context.Context, tx *store.Tx, name string, expires *time.Time) (models.AccessKey, *newKeyOut, error) {
	expires, err := wire.Future("#/expires_at", expires, tx.Now())
	if err != nil {
		return models.AccessKey{}, nil, err
	}
	if err := r.checkRoom(ctx, tx); err != nil {
		return models.AccessKey{}, nil, err
	}
	secret, hash := credential.NewSecret()
	key := models.AccessKey{
		ID: store.NewID(models.KindAccessKey), OwnerKind: r.kind, OwnerID: r.owner, Name: name, Hash: hash,
		CreatedAt: tx.Now(), ExpiresAt: expires,
	}
	if err := tx.In(r.account).AccessKeys().Create(ctx, &key); err != nil {
		return models.AccessKey{}, nil, err
	}
	out := &newKeyOut{Location: r.path + key.ID}
	out.Body.KeyView, out.Body.Key = viewKey(key), credential.OfKey(key.ID, secret)
	return key, out, nil
}

// checkRoom locks the owner, so that parallel calls cannot pass the limit together.
func (r keyRing) checkRoom(ctx context.Context, tx *store.Tx) error {
	if err := r.lockOwner(ctx, tx); err != nil {
		return err
	}
	usable, after := 0, ""
	for {
		keys, next, err := tx.In(r.account).AccessKeys().List(ctx, r.kind, r.owner, store.Page{After: after, Limit: 100})
		if err != nil {
			return err
		}
		for _, key := range keys {
			if key.Usable(tx.Now()) {
				usable++
			}
		}
		if usable >= maxKeys {
			return models.Errorf(models.CodeConflict, "There are %d usable keys already; revoke one first.", maxKeys)
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

func (r keyRing) list(ctx context.Context, c *operation.Call, s *operation.Core, l operation.Listing) (*operation.ListOut[KeyView], error) {
	p, err := c.Paging(l)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Store.In(r.account).AccessKeys().List(ctx, r.kind, r.owner, p.Page)
	return operation.Listed(p, rows, next, viewKey), err
}

// rotate makes a key with the old one's name and expiry, and ends the old one
// after the overlap.
func (r keyRing) rotate(ctx context.Context, tx *store.Tx, id string, overlap time.Duration) (*operation.Done[newKeyOut], error) {
	old, ending, err := tx.In(r.account).AccessKeys().Rotate(ctx, r.kind, r.owner, id, tx.Now().Add(overlap))
	if err != nil {
		return nil, err
	}
	key, out, err := r.add(ctx, tx, old.Name, old.ExpiresAt)
	if err != nil {
		return nil, err
	}
	return operation.Did(out, operation.Of(r.object, key.ID, key.Name), viewKey(ending), viewKey(key)), nil
}

func (r keyRing) revoke(ctx context.Context, tx *store.Tx, id string) (*operation.Done[operation.Nothing], error) {
	key, err := tx.In(r.account).AccessKeys().Revoke(ctx, r.kind, r.owner, id)
	if err != nil {
		return nil, err
	}
	return operation.Did(&operation.Nothing{}, operation.Of(r.object, key.ID, key.Name), viewKey(key), nil), nil
}

type createAccessKeyIn struct {
	Body newKeyBody
}

func createAccessKey(ctx context.Context, c *operation.Call, in *createAccessKeyIn) (*newKeyOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[newKeyOut], error) {
		return ownKeys(c).create(ctx, tx, in.Body.Name, in.Body.ExpiresAt)
	})
}

type listAccessKeysIn struct {
	operation.Listing
}

func listAccessKeys(ctx context.Context, c *operation.Call, in *listAccessKeysIn) (*operation.ListOut[KeyView], error) {
	return ownKeys(c).list(ctx, c, c.Core, in.Listing)
}

type rotateAccessKeyIn struct {
	ID   string `path:"id" pattern:"^key_[0-9a-f]{32}$"`
	Body *rotateBody
}

func rotateAccessKey(ctx context.Context, c *operation.Call, in *rotateAccessKeyIn) (*newKeyOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[newKeyOut], error) {
		return ownKeys(c).rotate(ctx, tx, in.ID, in.Body.overlap())
	})
}

type deleteAccessKeyIn struct {
	ID string `path:"id" pattern:"^key_[0-9a-f]{32}$"`
}

func deleteAccessKey(ctx context.Context, c *operation.Call, in *deleteAccessKeyIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		return ownKeys(c).revoke(ctx, tx, in.ID)
	})
}

// lockOwner locks the user; for keys of a product, all operators, who alone make them.
func (r keyRing) lockOwner(ctx context.Context, tx *store.Tx) error {
	if r.kind == models.ActorProduct {
		return tx.In(r.account).Grants().LockOperators(ctx)
	}
	_, err := tx.In(r.account).Users().Lock(ctx, r.owner)
	return err
}
