package intake

import (
	"time"

	"belfry.dev/belfry/models"
)

// farthest bounds how far ahead a submission may reach.
const farthest = 365 * 24 * time.Hour

// Life is from when to when a submission counts, as its sender says it.
type Life struct {
	// ScheduleAt is when it is due; nil means at once.
	ScheduleAt *time.Time
	// ExpiresAt is when it is over; TTL says the same from when it is due. One of them may be
	// given.
	ExpiresAt *time.Time
	TTL       time.Duration
}

// End returns when it is over: when the sender says so, and the deadline after it is due at
// the latest. The fields say what is wrong.
func (l Life) End(deadline time.Duration, now time.Time) (time.Time, []models.Field) {
	due := l.due(now)
	end, fields := due.Add(deadline), l.Check(now)
	switch {
	case l.ExpiresAt != nil && l.TTL != 0:
		fields = append(fields, field("ttl_seconds", "conflict", "Say either expires_at or ttl_seconds."))
	case l.TTL != 0:
		end = earlierOf(end, due.Add(l.TTL))
	case l.ExpiresAt != nil:
		end = earlierOf(end, *l.ExpiresAt)
	}
	return end, fields
}

// Check complains about a beginning that is over, an end before the beginning, and what is
// more than a year ahead; nil when all is well.
func (l Life) Check(now time.Time) []models.Field {
	var fields []models.Field
	due := l.due(now)
	switch {
	case l.ScheduleAt == nil:
	case l.ScheduleAt.Before(now.Add(-models.ScheduleSlack)):
		fields = append(fields, field("schedule_at", "in-the-past", "It must not be over."))
	case due.After(now.Add(farthest)):
		fields = append(fields, field("schedule_at", "too-far", "It must be within a year."))
	}
	switch {
	case l.ExpiresAt == nil || l.TTL != 0:
	case !l.ExpiresAt.After(due):
		fields = append(fields, field("expires_at", "in-the-past", "It must be after now, and after schedule_at."))
	case l.ExpiresAt.After(due.Add(farthest)):
		fields = append(fields, field("expires_at", "too-far", "It must be within a year of when it is due."))
	}
	return fields
}

// Past refuses an instant that is not over; pointer names it.
func Past(pointer string, at, now time.Time) error {
	if at.After(now) {
		return models.Invalid(pointer, "in-the-future", "The time is in the future.")
	}
	return nil
}

func (l Life) due(now time.Time) time.Time {
	if l.ScheduleAt == nil {
		return now
	}
	return models.LaterOf(now, *l.ScheduleAt)
}

func field(name, code, detail string) models.Field {
	return models.Field{Pointer: "#/" + name, Code: code, Detail: detail}
}

func earlierOf(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
