// Package sessions is how people sign in and out, and where they are signed in.
package sessions

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/sessions", "session.create", 201, createSession),
		operation.Serve("GET /v1/me/sessions", "session.list", 200, listSessions),
		operation.Serve("DELETE /v1/me/sessions/{id}", "session.delete", 204, deleteSession),
		operation.Serve("GET /v1/users/{id}/sessions", "user_session.list", 200, listUserSessions),
		operation.Serve("DELETE /v1/users/{id}/sessions/{session}", "user_session.delete", 204, deleteUserSession),
	}, describeSessions(), describeUserSessions())
}
