// Package notifications is what products submit: notifications, why who got what, and how long
// it is all kept.
package notifications

import "belfry.dev/belfry/api/operation"

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/notifications", "notification.create", 202, submit),
		operation.Serve("POST /v1/notifications/batch", "notification.create_batch", 200, submitBatch),
		operation.Serve("GET /v1/notifications", "notification.list", 200, listNotifications),
		operation.Serve("GET /v1/notifications/{id}", "notification.get", 200, getNotification),
		operation.Serve("POST /v1/notifications/{id}/cancel", "notification.cancel", 200, cancelNotification),
		operation.Serve("POST /v1/notifications/{id}/resend", "notification.resend", 202, resendNotification),
		operation.Serve("GET /v1/retention", "retention.get", 200, getRetention),
		operation.Serve("PUT /v1/retention", "retention.update", 200, putRetention),
		operation.Serve("POST /v1/notifications/explain", "notification.explain", 200, explain),
	}, describeNotifications(), describeRetention(), describeExplain())
}
