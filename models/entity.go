package models

import "time"

// EntityKind is a kind of things that workflows look after.
type EntityKind string

// Kinds of entities. Each has a row in EntityTypes.
const (
	EntityNotification EntityKind = "notification"
	EntityInvitation   EntityKind = "invitation"
	EntityResource     EntityKind = "resource"
	EntityAnnouncement EntityKind = "announcement"
	EntityEnvelope     EntityKind = "envelope"
)

// Entity is a thing that a workflow of its own looks after: its row says what is to be
// done and when, the workflow waits until then.
type Entity struct {
	Kind      EntityKind
	AccountID AccountID
	ID        string
}

// EntityType is all that the platform must know of a kind to start its workflows, to
// wake them, and to find those that are missing.
type EntityType struct {
	// Kind is also what the workflows' ids begin with: "invitation/<id>".
	Kind EntityKind
	// IDs is what the entities' ids begin with.
	IDs Kind
	// Table has a row for each, with id, account_id, created_at and NextAt: the column
	// with the instant by which something must happen. An index begins with it.
	Table  string
	NextAt string
	// OpenIn are the statuses in which a workflow must look after it, and the index begins
	// with the column status; nil where NextAt alone says so, by being null at the end.
	OpenIn []string
	// Workflow and Step are the names by which a worker knows the workflow, and the
	// activity that does what is due.
	Workflow string
	Step     string
}

// EntityTypes are the kinds of entities. A new kind is a row here, a file with its
// workflow, and a file with its step.
func EntityTypes() []EntityType {
	return []EntityType{
		{
			Kind: EntityNotification, IDs: KindNotification, Workflow: "Notification", Step: "Plan",
			Table: "notifications", NextAt: "expires_at", OpenIn: []string{string(StatusPending), string(StatusScheduled)},
		},
		{
			Kind: EntityInvitation, IDs: KindInvitation, Workflow: "Invitation", Step: "StepInvitation",
			Table: "invitations", NextAt: "next_at",
		},
		{
			Kind: EntityResource, IDs: KindResource, Workflow: "Reminder", Step: "StepResource",
			Table: "resources", NextAt: "next_at",
		},
		{
			Kind: EntityAnnouncement, IDs: KindAnnouncement, Workflow: "Announcement", Step: "Announce",
			Table: "announcements", NextAt: "next_at",
		},
		{
			Kind: EntityEnvelope, IDs: KindEnvelope, Workflow: "Envelope", Step: "StepEnvelope",
			Table: "envelopes", NextAt: "next_at",
		},
	}
}

// Statuses are those in which a workflow must look after the entity, which are listed one by
// one; "" where the status does not matter.
func (t EntityType) Statuses() []string {
	if len(t.OpenIn) == 0 {
		return []string{""}
	}
	return t.OpenIn
}

// Type is the kind's row of EntityTypes, and false for what is none of the kinds.
func (k EntityKind) Type() (EntityType, bool) {
	for _, t := range EntityTypes() {
		if t.Kind == k {
			return t, true
		}
	}
	return EntityType{}, false
}

// Due is an entity with the instant by which something must happen.
type Due struct {
	ID        string
	AccountID AccountID
	NextAt    time.Time
	CreatedAt time.Time
	// Queued says that a row of the outbox has it started.
	Queued bool
}
