// Package access is who may come in: sessions, users and grants, accounts, products and
// operators.
package access

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerSessions(s)
	registerProfile(s)
	registerAccounts(s)
	registerRootPasswords(s)
	registerUsers(s)
	registerUserSessions(s)
	registerGrants(s)
	registerOperators(s)
	registerProducts(s)
}
