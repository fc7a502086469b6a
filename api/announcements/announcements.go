// Package announcements is what many accounts are told at once: drafts, audiences, and
// how far they came.
package announcements

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/announcements", "announcement.create", 202, announce),
		operation.Serve("POST /v1/announcements/check", "announcement.check", 200, checkAnnouncement),
		operation.Serve("GET /v1/announcements", "announcement.list", 200, listAnnouncements),
		operation.Serve("GET /v1/announcements/{id}", "announcement.get", 200, getAnnouncement),
		operation.Serve("POST /v1/announcements/{id}/pause", "announcement.pause", 200, pauseAnnouncement),
		operation.Serve("POST /v1/announcements/{id}/resume", "announcement.resume", 200, resumeAnnouncement),
		operation.Serve("POST /v1/announcements/{id}/cancel", "announcement.cancel", 200, cancelAnnouncement),
	}, describeAnnouncements(), describeAnnouncementCheck())
}
