// Package reminders is what expires: resources, and the reminders that they cause.
package reminders

import (
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
)

// Register adds the room's operations.
func Register(s *operation.Core) {
	operation.Table(s, []operation.Row{
		operation.Serve("POST /v1/resources", "resource.put", 200, putResource),
		operation.Serve("POST /v1/resources/batch", "resource.put_batch", 200, putResources),
		operation.Serve("GET /v1/resources", "resource.list", 200, listResources),
		operation.Serve("GET /v1/resources/{id}", "resource.get", 200, getResource),
		operation.Serve("PATCH /v1/resources/{id}", "resource.update", 200, updateResource),
		operation.Serve("POST /v1/resources/{id}/renew", "resource.renew", 200, renewResource),
		operation.Serve("POST /v1/resources/{id}/will-not-renew", "resource.will_not_renew", 200, endResource(models.ResourceWillNotRenew)),
		operation.Serve("POST /v1/resources/{id}/release", "resource.release", 200, endResource(models.ResourceReleased)),
		operation.Serve("DELETE /v1/resources/{id}", "resource.delete", 204, deleteResource),
		operation.Serve("GET /v1/reminders", "reminder.list", 200, listReminders),
		operation.Serve("GET /v1/resources/{id}/reminders", "resource.reminders", 200, listResourceReminders),
	}, describeResources(), describeReminders())
}
