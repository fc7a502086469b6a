package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
)

// Invitation brings one invitation to its end: it has the address invited, reminds,
// and lets it expire. Whoever confirms, asks for another round or takes the address
// away changes the row, and the workflow hears of it. Each reminder ends an execution.
func (w *Workflows) Invitation(ctx workflow.Context, in SubjectInput) error {
	var a *activities.Activities
	return w.lookAfter(ctx, NameInvitation, in, a.StepInvitation)
}
