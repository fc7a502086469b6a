package wire

import "time"

// Micros is the time as columns hold it: UTC, whole microseconds; nil stays nil.
func Micros(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC().Truncate(time.Microsecond)
	return &at
}

// Stamp writes a time of a filter, for the cursor that is bound to it; "" for none.
func Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// InDatabase brings a time of a filter into what columns can hold: the years
// 1000–9999 in UTC.
func InDatabase(t time.Time) *time.Time {
	first, last := time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	t = t.UTC()
	if t.Before(first) {
		t = first
	}
	if t.After(last) {
		t = last
	}
	return &t
}
