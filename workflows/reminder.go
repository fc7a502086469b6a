package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/models"
)

// Reminder reminds of one resource until no rung of its ladder is left: remind, and release
// with the last one (models.ResourceLife). Whoever changes, renews or forgets it changes the
// row and wakes the workflow. Each rung is an execution of its own, so that histories stay
// small and old code can retire.
func (w *Workflows) Reminder(ctx workflow.Context, in EntityInput) error {
	return w.lookAfter(ctx, models.EntityResource, in)
}
