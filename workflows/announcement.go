package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
)

// Announcement goes through the accounts of an announcement, page by page, at the
// pace that its row says. A signal makes it look at the row again.
func (w *Workflows) Announcement(ctx workflow.Context, in SubjectInput) error {
	var a *activities.Activities
	return w.lookAfter(ctx, NameAnnouncement, in, a.Announce)
}
