// Package reminders is what expires: resources, the reminders that they cause, and
// calendars of both.
package reminders

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerResources(s)
	registerReminders(s)
	registerCalendarFeeds(s)
}
