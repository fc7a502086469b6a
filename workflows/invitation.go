package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/models"
)

// Invitation brings one invitation to its end: send, remind, expire (models.InvitationLife).
// Whoever confirms, asks for another round or takes the address away changes the row and
// wakes the workflow. Each reminder ends an execution.
func (w *Workflows) Invitation(ctx workflow.Context, in EntityInput) error {
	return w.lookAfter(ctx, models.EntityInvitation, in)
}
