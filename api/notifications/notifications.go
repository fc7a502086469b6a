// Package notifications is what products submit: notifications and announcements, why
// who got what, and how long it is all kept.
package notifications

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	registerNotifications(s)
	registerAnnouncements(s)
	registerRetention(s)
	registerExplain(s)
}
