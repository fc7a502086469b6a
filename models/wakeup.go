package models

import "time"

// Wakeup is a call that the workflow engine must still get for an entity: it was made, or
// somebody changed it. The row goes away once the call was made; that of a notification's
// first start, once its recipients were chosen.
type Wakeup struct {
	// EntityID stands in a column whose name is from when all entities were notifications:
	// the previous release works on the same rows.
	EntityID string `gorm:"column:notification_id;primaryKey"`
	Call     Call   `gorm:"column:kind;primaryKey"`
	// Kind is the entity's.
	Kind      EntityKind `gorm:"column:entity"`
	AccountID AccountID
	Lane      Lane
	// DueAt is when the dispatcher looks at it next.
	DueAt time.Time
	Tries int
	// Trace is the trace of the request that caused it, as a W3C traceparent; "" when
	// nobody records it.
	Trace string
}

// TableName is the table's name.
func (Wakeup) TableName() string { return "outbox" }

// Entity is whose workflow the row is about.
func (w Wakeup) Entity() Entity {
	return Entity{Kind: w.Kind, AccountID: w.AccountID, ID: w.EntityID}
}

// Call is what the dispatcher asks the engine for.
type Call string

// Calls.
const (
	CallStart  Call = "start"  // start the workflow, unless it runs
	CallWake   Call = "wake"   // have the workflow look at its row, and start it when it does not run
	CallCancel Call = "cancel" // of the previous release: as wake
)

// Lane orders what waits in the outbox.
type Lane int

// Lanes of the outbox.
const (
	// LaneUrgent is for notifications; it goes before LaneBulk.
	LaneUrgent Lane = iota
	// LaneBulk is for notifications that come in thousands: of announcements.
	LaneBulk
	// LaneEntities is for all other entities, and waits for none of the others. The
	// previous release takes every row of the other lanes for a notification's, and does
	// not look into this one.
	LaneEntities
)

// Lanes are all lanes.
func Lanes() []Lane { return []Lane{LaneUrgent, LaneEntities, LaneBulk} }
