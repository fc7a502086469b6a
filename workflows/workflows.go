// Package workflows says what happens when: it starts activities, waits, and
// receives signals. It is deterministic: rules and the database are reached through
// activities only, and a history carries ids and times, no content.
//
// The database is the truth. A workflow may be lost, started twice or started
// anew: its activities say what is left to do.
package workflows

import (
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/models"
)

// NameRetention is the workflow that deletes what is over. The names of the others are
// those of models.EntityTypes.
const NameRetention = "Retention"

const (
	signalWake   = "wake"   // the row was changed
	signalCancel = "cancel" // the same, as the previous release says it of a cancelled notification
)

// Workflows holds what all workflows share.
type Workflows struct {
	policies Policies
}

// New returns the workflows. Zero values of the policies mean defaults.
func New(p Policies) *Workflows { return &Workflows{policies: p.withDefaults()} }

// Registry is what runs or replays workflows.
type Registry interface {
	RegisterWorkflowWithOptions(w any, o workflow.RegisterOptions)
}

// Register adds all workflows under their names.
func (w *Workflows) Register(r Registry) {
	for kind, each := range map[models.EntityKind]any{
		models.EntityNotification: w.Notification,
		models.EntityInvitation:   w.Invitation,
		models.EntityResource:     w.Reminder,
		models.EntityAnnouncement: w.Announcement,
		models.EntityEnvelope:     w.Envelope,
	} {
		t, _ := kind.Type()
		r.RegisterWorkflowWithOptions(each, workflow.RegisterOptions{Name: t.Workflow})
	}
	r.RegisterWorkflowWithOptions(w.Retention, workflow.RegisterOptions{Name: NameRetention})
}
