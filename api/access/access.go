// Package access is who may come in: users and grants, and operators.
package access

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/me", "profile.get", 200, getProfile),
		operation.Serve("PATCH /v1/me", "profile.update", 200, updateProfile),
		operation.Serve("PUT /v1/me/password", "profile.password", 204, changePassword),
		operation.Serve("POST /v1/accounts/{id}/root-password", "account.reset_root", 204, resetRootPassword),
		operation.Serve("POST /v1/users", "user.create", 201, createUser),
		operation.Serve("GET /v1/users", "user.list", 200, listUsers),
		operation.Serve("GET /v1/users/{id}", "user.get", 200, getUser),
		operation.Serve("PATCH /v1/users/{id}", "user.update", 200, updateUser),
		operation.Serve("DELETE /v1/users/{id}", "user.delete", 204, deleteUser),
		operation.Serve("POST /v1/grants", "grant.create", 201, createGrant),
		operation.Serve("GET /v1/grants", "grant.list", 200, listGrants),
		operation.Serve("GET /v1/grants/{id}", "grant.get", 200, getGrant),
		operation.Serve("DELETE /v1/grants/{id}", "grant.delete", 204, deleteGrant),
		operation.Serve("POST /v1/operators", "operator.create", 201, createOperator),
		operation.Serve("GET /v1/operators", "operator.list", 200, listOperators),
		operation.Serve("GET /v1/operators/{id}", "operator.get", 200, getOperator),
		operation.Serve("PATCH /v1/operators/{id}", "operator.update", 200, updateOperator),
		operation.Serve("DELETE /v1/operators/{id}", "operator.delete", 204, deleteOperator),
	}, describeProfile(), describeRootPasswords(), describeUsers(), describeGrants(), describeOperators())
}
