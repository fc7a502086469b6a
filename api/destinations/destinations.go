// Package destinations is where messages leave: channels, providers and bots.
package destinations

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/channels", "channel.list", 200, listChannels),
		operation.Serve("POST /v1/providers", "provider.create", 201, createProvider),
		operation.Serve("GET /v1/providers", "provider.list", 200, listProviders),
		operation.Serve("GET /v1/providers/{id}", "provider.get", 200, getProvider),
		operation.Serve("PATCH /v1/providers/{id}", "provider.update", 200, updateProvider),
		operation.Serve("DELETE /v1/providers/{id}", "provider.delete", 204, deleteProvider),
		operation.Serve("POST /v1/providers/{id}/test", "provider.test", 200, testProvider),
		operation.Serve("POST /v1/providers/{id}/resume", "provider.resume", 200, resumeProvider),
		operation.Serve("POST /v1/bots", "bot.create", 201, createBot),
		operation.Serve("GET /v1/bots", "bot.list", 200, listBots),
		operation.Serve("GET /v1/bots/{id}", "bot.get", 200, getBot),
		operation.Serve("PATCH /v1/bots/{id}", "bot.update", 200, updateBot),
		operation.Serve("DELETE /v1/bots/{id}", "bot.delete", 204, deleteBot),
		operation.Serve("POST /v1/bots/{id}/test", "bot.test", 200, testBot),
		operation.Serve("POST /v1/bots/{id}/rotate-secret", "bot.rotate_secret", 200, rotateBotSecret),
		operation.Serve("POST /v1/bots/{id}/resume", "bot.resume", 200, resumeBot),
	}, describeChannels(), describeProviders(), describeBots())
}
