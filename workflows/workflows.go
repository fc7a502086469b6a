// Package workflows says what happens when: it starts activities, waits, and
// hears signals. It is deterministic: rules and the database are reached through
// activities only, and a history carries ids and times, no content.
//
// The database is the truth. A workflow may be lost, started twice or started
// anew: its activities tell it what is left to do.
package workflows

// Names of what a worker registers and a client starts.
const (
	// NameNotification is the workflow of one notification.
	NameNotification = "Notification"
	// NameInvitation is the workflow of one invitation.
	NameInvitation = "Invitation"
	// NameAnnouncement is the workflow of one announcement.
	NameAnnouncement = "Announcement"
	// NameRetention is the workflow that deletes what is over.
	NameRetention = "Retention"
	// NameReminder is the workflow of one resource.
	NameReminder = "Reminder"

	signalCancel = "cancel" // the notification was cancelled
	signalWake   = "wake"   // deliveries were added, or may go on
)

// Workflows holds what all workflows share.
type Workflows struct {
	policies Policies
}

// New returns the workflows. Zero values of the policies mean defaults.
func New(p Policies) *Workflows { return &Workflows{policies: p.withDefaults()} }
