package schedule

import (
	"time"

	"belfry.dev/belfry/models"
)

// InvitationAct is what is due for an invitation.
type InvitationAct string

// Acts, the first that applies.
const (
	InvitationDone   InvitationAct = "done"   // it ended
	InvitationSend   InvitationAct = "send"   // a round begins
	InvitationExpire InvitationAct = "expire" // nobody confirmed in time
	InvitationRemind InvitationAct = "remind"
	InvitationWait   InvitationAct = "wait"
)

// InvitationDue returns what is due for the invitation at now.
func InvitationDue(r models.InvitationRules, i models.Invitation, now time.Time) InvitationAct {
	switch {
	case i.State != models.InvitationPending:
		return InvitationDone
	case i.Waits() && i.NextAt != nil && i.NextAt.After(now): // for its mailbox's pace
		return InvitationWait
	case i.Waits():
		return InvitationSend
	case i.Over(now):
		return InvitationExpire
	case i.Round > 0 && InvitationReminders(r, i, now) > i.Reminders:
		return InvitationRemind
	}
	return InvitationWait
}

// InvitationReminders counts the reminders that are due by now: who was away for
// longer sends the newest only.
func InvitationReminders(r models.InvitationRules, i models.Invitation, now time.Time) int {
	due := i.Reminders
	for n := due; n < len(r.Reminders) && !now.Before(i.SentAt.Add(r.Reminders[n])); n++ {
		due = n + 1
	}
	return due
}

// InvitationNext returns when the workflow must act again: at the next reminder
// before the end of the link, else at that end. Ends of about the same time are one
// instant, so that the account hears of them in one message.
func InvitationNext(r models.InvitationRules, i models.Invitation) time.Time {
	if at, left := InvitationRemindAt(r, i); left {
		return at
	}
	step := min(time.Minute, r.LinkLife/60)
	if step < time.Microsecond {
		return i.LinkExpiresAt
	}
	return i.LinkExpiresAt.Add(step - 1).Truncate(step)
}

// InvitationRemindAt returns when the next reminder of the round that was sent is due,
// and false when none is left before the end of its link.
func InvitationRemindAt(r models.InvitationRules, i models.Invitation) (time.Time, bool) {
	if i.Reminders >= len(r.Reminders) || i.Round == 0 {
		return time.Time{}, false
	}
	at := i.SentAt.Add(r.Reminders[i.Reminders])
	return at, at.Before(i.LinkExpiresAt)
}
