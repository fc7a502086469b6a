package keys

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeUserKeys() map[string]operation.Operation {
	return map[string]operation.Operation{
		"user_key.list": {
			Summary:     "List a user's access keys, ended ones too",
			Description: "Secrets are not shown again: only the creation of a key shows its secret.",
		},
		"user_key.delete": {
			Summary:     "Revoke an access key of a user",
			Description: "It is refused from then on; the list goes on showing it.",
		},
	}
}

// keysOf are the access keys of a user of the caller's account.
func keysOf(c *operation.Call, user models.User) keyRing {
	return keyRing{account: c.Account(), kind: models.ActorUser, owner: user.ID, path: "/v1/users/" + user.ID + "/access-keys/", object: "access_key"}
}

type listUserKeysIn struct {
	ID string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	operation.Listing
}

func listUserKeys(ctx context.Context, c *operation.Call, in *listUserKeysIn) (*operation.ListOut[KeyView], error) {
	user, err := c.Store.In(c.Account()).Users().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return keysOf(c, user).list(ctx, c, c.Core, in.Listing)
}

type deleteUserKeyIn struct {
	ID  string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	Key string `path:"key" pattern:"^key_[0-9a-f]{32}$"`
}

func deleteUserKey(ctx context.Context, c *operation.Call, in *deleteUserKeyIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		user, err := tx.In(c.Account()).Users().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		key, err := tx.In(c.Account()).AccessKeys().Revoke(ctx, models.ActorUser, user.ID, in.Key)
		if err != nil {
			return nil, err
		}
		// Whose it was; its own name is in the change.
		return operation.Did(&operation.Nothing{}, operation.Of("access_key", key.ID, user.Name), viewKey(key), nil), nil
	})
}
