// Package keys are what machines sign in with: the access keys of people and products, and the
// tokens of bells in pages of other sites.
package keys

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/me/access-keys", "access_key.create", 201, createAccessKey),
		operation.Serve("GET /v1/me/access-keys", "access_key.list", 200, listAccessKeys),
		operation.Serve("POST /v1/me/access-keys/{id}/rotate", "access_key.rotate", 201, rotateAccessKey),
		operation.Serve("DELETE /v1/me/access-keys/{id}", "access_key.delete", 204, deleteAccessKey),
		operation.Serve("GET /v1/users/{id}/access-keys", "user_key.list", 200, listUserKeys),
		operation.Serve("DELETE /v1/users/{id}/access-keys/{key}", "user_key.delete", 204, deleteUserKey),
		operation.Serve("POST /v1/products/{id}/keys", "product_key.create", 201, createProductKey),
		operation.Serve("GET /v1/products/{id}/keys", "product_key.list", 200, listProductKeys),
		operation.Serve("POST /v1/products/{id}/keys/{key}/rotate", "product_key.rotate", 201, rotateProductKey),
		operation.Serve("DELETE /v1/products/{id}/keys/{key}", "product_key.delete", 204, deleteProductKey),
		operation.Serve("POST /v1/me/bell-tokens", "my_bell_token.create", 200, createMyBellToken),
		operation.Serve("POST /v1/bell-tokens", "bell_token.create", 200, createBellToken),
	}, describeAccessKeys(), describeUserKeys(), describeProductKeys(), describeBellTokens())
}
