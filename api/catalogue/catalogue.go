// Package catalogue is what operators list for all accounts: categories, message types
// with their texts, versions and previews, and the positions that contacts can have.
package catalogue

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerMessageTypes(s)
	registerPositions(s)
}
