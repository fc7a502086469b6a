package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
)

// Reminder reminds of one resource until no reminder is left: it sleeps until the
// next rung of its ladder, or until its product changes it. Each rung is an execution
// of its own, so that histories stay small and old code can retire.
func (w *Workflows) Reminder(ctx workflow.Context, in SubjectInput) error {
	var a *activities.Activities
	return w.lookAfter(ctx, NameReminder, in, a.StepResource)
}
