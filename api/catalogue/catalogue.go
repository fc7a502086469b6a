// Package catalogue is the message types: their texts, versions and previews.
package catalogue

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerMessageTypes(s)
}
