package api

import (
	"belfry.dev/belfry/api/access"
	"belfry.dev/belfry/api/accounts"
	"belfry.dev/belfry/api/announcements"
	"belfry.dev/belfry/api/calendars"
	"belfry.dev/belfry/api/catalogue"
	"belfry.dev/belfry/api/contactgroups"
	"belfry.dev/belfry/api/deliveries"
	"belfry.dev/belfry/api/destinations"
	"belfry.dev/belfry/api/inbox"
	"belfry.dev/belfry/api/invitations"
	"belfry.dev/belfry/api/keys"
	"belfry.dev/belfry/api/notifications"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/operationlog"
	"belfry.dev/belfry/api/preferences"
	"belfry.dev/belfry/api/recipients"
	"belfry.dev/belfry/api/reminders"
	"belfry.dev/belfry/api/sessions"
	"belfry.dev/belfry/api/site"
	"belfry.dev/belfry/api/subscriptions"
)

// Room is a heading of the interface, with its operations in the order in which their
// tables show them.
type Room struct {
	Name       string
	Operations []operation.Operation
}

// registerAll adds every operation: one line a room.
func (s *Server) registerAll() {
	for _, room := range []struct {
		name     string
		register func(*operation.Core)
	}{
		{"notifications", notifications.Register},
		{"announcements", announcements.Register},
		{"deliveries", deliveries.Register},
		{"inbox", func(core *operation.Core) { inbox.Register(core, s.hub) }},
		{"recipients", recipients.Register},
		{"contactgroups", contactgroups.Register},
		{"invitations", invitations.Register},
		{"subscriptions", subscriptions.Register},
		{"preferences", preferences.Register},
		{"reminders", reminders.Register},
		{"calendars", calendars.Register},
		{"destinations", destinations.Register},
		{"catalogue", catalogue.Register},
		{"sessions", sessions.Register},
		{"access", access.Register},
		{"accounts", accounts.Register},
		{"keys", keys.Register},
		{"operationlog", operationlog.Register},
		{"site", site.Register},
		{"health", s.registerHealth},
	} {
		known := len(s.core.Operations)
		room.register(s.core)
		s.rooms = append(s.rooms, Room{room.name, s.core.Operations[known:]})
	}
}

// Rooms are the headings of the interface with their operations.
func (s *Server) Rooms() []Room { return s.rooms }
