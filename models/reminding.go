package models

import "time"

// DueResources are the resources of one account of which a reminder is due, with
// what the reminder is made of.
type DueResources struct {
	Account Account
	// Resources are sorted by id.
	Resources []Resource
	// Reminded holds the keys of reminders that exist already.
	Reminded map[string]bool
	// Products are the products' names by id.
	Products map[string]string
}

// Reminding is what becomes of resources that were due: in one transaction.
type Reminding struct {
	Steps []ReminderStep
	// Acceptances are the notifications, which are merged, the most urgent first; Reminders
	// name them by index.
	Acceptances []Acceptance
}

// ReminderStep brings one resource forward.
type ReminderStep struct {
	// Resource is the row as it was read, with the state, rank and next instant that
	// it has from now on. Its version is the one that was read.
	Resource Resource
	// Reminder is what was dealt with; nil when nothing was due after all.
	Reminder *Reminder
	// Acceptance is the index of the notification that tells of it; negative for none.
	Acceptance int
}

// NextOf is when the resource must be looked at; the zero time for never.
func (r Resource) NextOf() time.Time {
	if r.NextAt == nil {
		return time.Time{}
	}
	return *r.NextAt
}
