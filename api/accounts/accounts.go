// Package accounts is whom Belfry serves: accounts, and the products that submit to them.
package accounts

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/accounts", "account.create", 201, createAccount),
		operation.Serve("GET /v1/accounts", "account.list", 200, listAccounts),
		operation.Serve("GET /v1/account-names", "account_name.list", 200, listAccountNames),
		operation.Serve("GET /v1/accounts/{id}", "account.get", 200, getAccount),
		operation.Serve("PATCH /v1/accounts/{id}", "account.update", 200, updateAccount),
		operation.Serve("GET /v1/account", "account.self", 200, getOwnAccount),
		operation.Serve("PATCH /v1/account", "account.self_update", 200, updateOwnAccount),
		operation.Serve("POST /v1/products", "product.create", 201, createProduct),
		operation.Serve("GET /v1/products", "product.list", 200, listProducts),
		operation.Serve("GET /v1/products/{id}", "product.get", 200, getProduct),
		operation.Serve("PATCH /v1/products/{id}", "product.update", 200, updateProduct),
	}, describeAccounts(), describeAccountNames(), describeProducts())
}
