// Package destinations is where messages leave: channels, providers and bots.
package destinations

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerChannels(s)
	registerProviders(s)
	registerBots(s)
}
