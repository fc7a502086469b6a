// Package keys are the access keys of people and products: machines sign in with them.
package keys

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerAccessKeys(s)
	registerUserKeys(s)
	registerProductKeys(s)
}
