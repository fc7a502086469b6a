package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/models"
)

// Envelope brings one envelope that has a row to its end: wait until it closes, close, deliver
// (models.EnvelopeLife). Whoever lets something join it, or repairs its destination, wakes it.
func (w *Workflows) Envelope(ctx workflow.Context, in EntityInput) error {
	t, _ := models.EntityEnvelope.Type()
	n := &notification{policies: w.policies, in: NotificationInput{AccountID: in.AccountID}, step: t.Step, signals: listen(ctx, signalWake)}
	if err := n.branch(ctx, activities.OpenDelivery{ID: in.ID, Quick: true}); err != nil {
		return err
	}
	seen := n.signals.received
	if n.signals.drain(); n.renew || n.signals.received != seen {
		return workflow.NewContinueAsNewError(ctx, t.Workflow, in)
	}
	return nil
}
