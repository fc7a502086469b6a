// Package catalogue is what operators list for all accounts: categories, message types
// with their texts, versions and previews, and the positions that contacts can have.
package catalogue

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("GET /v1/categories", "category.list", 200, listCategories),
		operation.Serve("GET /v1/message-types", "message_type.list", 200, listMessageTypes),
		operation.Serve("GET /v1/message-types/{key}", "message_type.get", 200, getMessageType),
		operation.Serve("GET /v1/message-types/{key}/versions", "message_type.versions", 200, listMessageTypeVersions),
		operation.Serve("POST /v1/message-types/{key}/preview", "message_type.preview", 200, previewMessageType),
		operation.Serve("POST /v1/message-types", "message_type.create", 201, createMessageType),
		operation.Serve("PATCH /v1/message-types/{key}", "message_type.update", 200, updateMessageType),
		operation.Serve("GET /v1/positions", "position.list", 200, listPositions),
		operation.Serve("PUT /v1/positions", "position.replace", 200, replacePositions),
	}, describeMessageTypes(), describePositions())
}
