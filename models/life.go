package models

// Life is all that can happen to an entity: a table "state × event → state, next instant".
// An event that has no row for the state does not happen. docs/states.md shows the tables.
type Life[S ~string] []Transition[S]

// Transition is one row of a life.
type Transition[S ~string] struct {
	// In is "" before there is an entity.
	In S
	On Event
	To S
	// Next is when its workflow must act then.
	Next Instant
	// Note says more; "" when the names say everything.
	Note string
}

// Event is what happens to an entity.
type Event string

// Events. Which of them happen to an entity, its life says.
const (
	EventAccept   Event = "accept"   // it is there from now on
	EventSchedule Event = "schedule" // it is there, for later
	EventAwait    Event = "await"    // it waits for its time again
	EventBegin    Event = "begin"    // its time has come
	EventPause    Event = "pause"
	EventResume   Event = "resume"
	EventCancel   Event = "cancel"
	EventExpire   Event = "expire" // its time is over
	EventFinish   Event = "finish"
	EventClose    Event = "close" // nothing joins it any more

	EventPage Event = "page" // the next accounts of an announcement have their notification

	EventPlan        Event = "plan" // recipients were chosen
	EventDeliver     Event = "deliver"
	EventDeliverSome Event = "deliver some"
	EventFail        Event = "fail"
	EventResend      Event = "resend"

	EventSend    Event = "send" // the first message of a round
	EventSkip    Event = "skip" // no message: a limit was used up
	EventRemind  Event = "remind"
	EventConfirm Event = "confirm"

	EventChange  Event = "change"
	EventStop    Event = "stop" // it will not be renewed
	EventRenew   Event = "renew"
	EventRelease Event = "release"
	EventForget  Event = "forget"
)

// Instant names when the workflow of an entity must act.
type Instant string

// Instants. Those that the store fills in stand in the column next_at.
const (
	AtOnce       Instant = "at once"
	Never        Instant = "never"
	AtSchedule   Instant = "at `schedule_at`; at once without one"
	AfterPage    Instant = "when its pace allows the next page"
	AtReminder   Instant = "at the next reminder, else at the end of the link"
	WhenAllowed  Instant = "when the pace of its mailbox allows"
	AtRung       Instant = "at the next rung of its ladder; never when none is left"
	AtDeliveries Instant = "when a delivery is due"
	AtClosing    Instant = "at `closes_at`"
	AtAttempt    Instant = "when it may be tried again"
)

// At is the row of the event in the state, and false when it does not happen there.
func (l Life[S]) At(state S, event Event) (Transition[S], bool) {
	for _, t := range l {
		if t.In == state && t.On == event {
			return t, true
		}
	}
	return Transition[S]{}, false
}
