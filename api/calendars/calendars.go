// Package calendars is reminders to come as calendar programs read them, behind secret
// addresses.
package calendars

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/calendar-feeds", "calendar_feed.create", 201, createCalendarFeed),
		operation.Serve("GET /v1/calendar-feeds", "calendar_feed.list", 200, listCalendarFeeds),
		operation.Serve("POST /v1/calendar-feeds/{id}/rotate", "calendar_feed.rotate", 200, rotateCalendarFeed),
		operation.Serve("DELETE /v1/calendar-feeds/{id}", "calendar_feed.delete", 204, deleteCalendarFeed),
		operation.Serve("GET "+calendarPath+"{file}", "calendar.show", 200, showCalendar),
	}, describeCalendarFeeds())
}
