package access

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeRootPasswords() map[string]operation.Operation {
	return map[string]operation.Operation{
		"account.reset_root": {
			Summary:     "Give an account's root user another password",
			Description: "For a password that is lost. All sessions of the root user end; access keys work on.",
		},
	}
}

type resetRootPasswordIn struct {
	ID   models.AccountID `path:"id" pattern:"^acc_[0-9a-f]{32}$"`
	Body struct {
		Password string `json:"password" format:"password" minLength:"8" maxLength:"128"`
	}
}

func resetRootPassword(ctx context.Context, c *operation.Call, in *resetRootPasswordIn) (*operation.Nothing, error) {
	hash, err := c.Passwords.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		account, err := tx.Platform().Accounts().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		before, after, err := setRootPassword(ctx, tx.In(in.ID), hash)
		if err != nil {
			return nil, err
		}
		return operation.Did(&operation.Nothing{}, operation.Of("account", string(account.ID), account.Alias), ViewUser(before), ViewUser(after)), nil
	})
}

// setRootPassword changes the root user's password and signs the user out everywhere.
func setRootPassword(ctx context.Context, tx store.TxScope, hash string) (before, after models.User, err error) {
	root, err := tx.Users().Root(ctx)
	if err != nil {
		return before, after, err
	}
	before, after, err = tx.Users().Update(ctx, root.ID, 0, func(u *models.User) error {
		u.PasswordHash = hash
		return nil
	})
	if err != nil {
		return before, after, err
	}
	_, err = tx.Sessions().RevokeAll(ctx, root.ID, "")
	return before, after, err
}
