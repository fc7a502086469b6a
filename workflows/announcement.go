package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/models"
)

// Announcement brings one announcement to its end: begin, page after page at the pace that
// its row says, finish; or pause, expire (announcement.Life). Whoever pauses, resumes or
// cancels changes the row and wakes the workflow.
func (w *Workflows) Announcement(ctx workflow.Context, in EntityInput) error {
	return w.lookAfter(ctx, models.EntityAnnouncement, in)
}
