package models

import "time"

// ScheduleSlack is for how long an instant that a submission names may be over and still
// means at once: clocks differ, and a request takes its time.
const ScheduleSlack = 30 * time.Second

// LaterOf is the later of two instants.
func LaterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
