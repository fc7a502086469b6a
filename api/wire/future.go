package wire

import (
	"time"

	"belfry.dev/belfry/models"
)

// maxAhead bounds dates that end something.
const maxAhead = 10 * 366 * 24 * time.Hour

// Future checks a date that may be left out: after now, and not absurdly late. It
// returns it in UTC and microseconds.
func Future(pointer string, at *time.Time, now time.Time) (*time.Time, error) {
	if at == nil {
		return nil, nil
	}
	utc := at.UTC().Truncate(time.Microsecond)
	switch {
	case !utc.After(now):
		return nil, models.Invalid(pointer, "in-the-past", "must be in the future")
	case utc.After(now.Add(maxAhead)):
		return nil, models.Invalid(pointer, "too-late", "must be within ten years")
	}
	return &utc, nil
}
