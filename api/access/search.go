package access

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// Search is embedded by the In types of lists of accounts, people and products.
type Search struct {
	Q       string `query:"q" maxLength:"100" doc:"A part of a name, whatever its case."`
	Enabled string `query:"enabled" enum:"true,false" doc:"Only those that are, or are not."`
}

// parts bind a cursor to the search.
func (s Search) parts() []string { return []string{s.Q, s.Enabled} }

func (s Search) enabled() *bool {
	if s.Enabled == "" {
		return nil
	}
	enabled := s.Enabled == "true"
	return &enabled
}

func (s Search) filter() store.NamedFilter {
	return store.NamedFilter{Search: s.Q, Enabled: s.enabled()}
}

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
	rows, next, err := c.Store.Platform().Accounts().Find(ctx, store.AccountFilter{Search: in.Q, Enabled: in.enabled()}, p.Page)
	return rows, next, p, err
}
