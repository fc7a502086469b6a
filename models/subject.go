package models

import "time"

// SubjectKind names what a workflow other than a notification's is about.
type SubjectKind string

// Kinds of subjects; each has a table of its own with the columns of Due.
const (
	SubjectInvitation   SubjectKind = "invitation"
	SubjectAnnouncement SubjectKind = "announcement"
	SubjectResource     SubjectKind = "resource"
)

// Subject is a row that a workflow of its own looks after: the row says what is to
// be done and when, the workflow waits until then.
type Subject struct {
	Kind      SubjectKind
	AccountID AccountID
	ID        string
}

// Due is a subject with the instant at which its workflow must act.
type Due struct {
	ID        string
	AccountID AccountID
	// NextAt is nil once nothing is left to do.
	NextAt    *time.Time
	CreatedAt time.Time
}

// Wakeup says that a subject's workflow must look at its row again: it was made, or
// somebody changed it. The row goes away once the engine was told.
type Wakeup struct {
	SubjectID string `gorm:"primaryKey"`
	Kind      SubjectKind
	AccountID AccountID
	// DueAt is when the dispatcher looks at it next.
	DueAt time.Time
	Tries int
}

// Subject is whose workflow it wakes.
func (w Wakeup) Subject() Subject {
	return Subject{Kind: w.Kind, AccountID: w.AccountID, ID: w.SubjectID}
}
