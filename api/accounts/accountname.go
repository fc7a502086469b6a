package accounts

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describeAccountNames() map[string]operation.Operation {
	return map[string]operation.Operation{
		"account_name.list": {
			Summary:     "List the names of the accounts",
			Description: "Newest first, for whoever reads their operation logs. q is an id, or the beginning of an alias or a name; of more than 500 that begin so, the first are found.",
		},
	}
}

// namedAccount is what an auditor needs of an account.
type namedAccount struct {
	ID      models.AccountID `json:"id"`
	Alias   string           `json:"alias"`
	Name    string           `json:"name"`
	Enabled bool             `json:"enabled"`
}

func listAccountNames(ctx context.Context, c *operation.Call, in *listAccountsIn) (*operation.ListOut[namedAccount], error) {
	rows, next, p, err := searchAccounts(ctx, c, in)
	return operation.Listed(p, rows, next, func(a models.Account) namedAccount {
		return namedAccount{ID: a.ID, Alias: a.Alias, Name: a.Name, Enabled: a.Enabled}
	}), err
}

func searchAccounts(ctx context.Context, c *operation.Call, in *listAccountsIn) ([]models.Account, string, operation.Paging, error) {
	p, err := c.Paging(in.Listing, in.Q, in.Enabled)
	if err != nil {
		return nil, "", p, err
	}
	rows, next, err := c.Store.Platform().Accounts().Find(ctx, store.AccountFilter{Search: in.Q, Enabled: in.OnlyEnabled()}, p.Page)
	return rows, next, p, err
}
