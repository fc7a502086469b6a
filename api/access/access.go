// Package access is who may come in: sessions, users, keys and grants, accounts, products
// and operators.
package access

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerSessions(s)
	registerProfile(s)
	registerAccessKeys(s)
	registerAccounts(s)
	registerRootPasswords(s)
	registerUsers(s)
	registerUserSessions(s)
	registerUserKeys(s)
	registerGrants(s)
	registerOperators(s)
	registerProducts(s)
	registerProductKeys(s)
}
