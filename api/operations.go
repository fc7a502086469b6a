package api

import (
	"belfry.dev/belfry/api/access"
	"belfry.dev/belfry/api/catalogue"
	"belfry.dev/belfry/api/destinations"
	"belfry.dev/belfry/api/inbox"
	"belfry.dev/belfry/api/invitations"
	"belfry.dev/belfry/api/keys"
	"belfry.dev/belfry/api/notifications"
	"belfry.dev/belfry/api/operationlog"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/api/reminders"
	"belfry.dev/belfry/api/subscriptions"
)

// registerAll adds every operation: one line a room.
func (s *Server) registerAll() {
	s.registerHealth()
	inbox.Register(s.core, s.hub)
	recipients.Register(s.core)
	invitations.Register(s.core)
	subscriptions.Register(s.core)
	notifications.Register(s.core)
	reminders.Register(s.core)
	destinations.Register(s.core)
	catalogue.Register(s.core)
	access.Register(s.core)
	keys.Register(s.core)
	operationlog.Register(s.core)
}
