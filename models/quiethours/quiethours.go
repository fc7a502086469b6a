// Package quiethours knows when a zone's clock on the wall shows which time of day: when quiet
// time ends, and which day it is. It is pure.
package quiethours

import (
	"time"

	"belfry.dev/belfry/models"
)

// ParseClock reads a local time of day "22:00"; false when it is none.
func ParseClock(text string) (hour, minute int, ok bool) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, 0, false
	}
	return at.Hour(), at.Minute(), true
}

// Until returns when the quiet time that now lies in ends, and false when now lies in
// none: none is wanted, the times are none, or both times are the same. otherwise is the
// zone of preferences that name none, or one that this machine does not know; then UTC:
// who wants quiet has some.
//
// The times are the clock on the wall of the zone, whatever it does: where clocks are set
// forward over one of them, the quiet time begins or ends at the instant of the change;
// where they are set back over one, it begins at the first and ends at the last of the
// two. So nobody is woken early, and a quiet time is never empty because of the change. Where
// all the time between two quiet times is skipped, what was held goes at the instant of the change.
func Until(now time.Time, p models.Preferences, otherwise string) (time.Time, bool) {
	fromHour, fromMinute, ok := ParseClock(p.QuietFrom)
	toHour, toMinute, ok2 := ParseClock(p.QuietTo)
	if !ok || !ok2 || p.QuietFrom == p.QuietTo {
		return time.Time{}, false
	}
	zone := firstKnown(p.QuietZone, otherwise)
	overnight := p.QuietTo < p.QuietFrom
	local := now.In(zone)
	y, m, d := local.Date()
	for day := d - 1; day <= d+1; day++ { // the quiet time that began yesterday, or begins today
		begin, _ := instants(time.Date(y, m, day, fromHour, fromMinute, 0, 0, time.UTC), zone)
		last := day
		if overnight {
			last++
		}
		_, end := instants(time.Date(y, m, last, toHour, toMinute, 0, 0, time.UTC), zone)
		if !now.Before(begin) && now.Before(end) {
			return end.UTC(), true
		}
	}
	return time.Time{}, false
}

// firstKnown returns the first of the zones that is named and known, and UTC when none is.
func firstKnown(names ...string) *time.Location {
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return time.UTC
}

// instants returns the first and the last instant at which the zone's clock shows what wall
// shows in UTC; both are the instant of the change when the clock skips it. The offsets
// before and after the day's change give one candidate each.
func instants(wall time.Time, zone *time.Location) (early, late time.Time) {
	_, before := wall.Add(-26 * time.Hour).In(zone).Zone()
	_, after := wall.Add(26 * time.Hour).In(zone).Zone()
	a, b := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	shown := func(t time.Time) bool {
		local := t.In(zone)
		return local.Hour() == wall.Hour() && local.Minute() == wall.Minute()
	}
	switch {
	case shown(a) && shown(b):
		if b.Before(a) {
			a, b = b, a
		}
		return a, b
	case shown(a):
		return a, a
	case shown(b):
		return b, b
	}
	change := transition(wall.Add(-26*time.Hour), wall.Add(26*time.Hour), zone)
	return change, change
}

// transition returns the instant, to the second, at which the zone's offset changes
// between two instants that have different ones.
func transition(from, to time.Time, zone *time.Location) time.Time {
	_, offset := from.In(zone).Zone()
	for to.Sub(from) > time.Second {
		middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if _, o := middle.In(zone).Zone(); o == offset {
			from = middle
		} else {
			to = middle
		}
	}
	return to.Truncate(time.Second)
}

// Day returns the date "2026-03-01" of the day that now lies in by the zone's calendar, and
// when that day ends. An unknown zone counts as UTC.
func Day(now time.Time, name string) (string, time.Time) {
	zone := firstKnown(name)
	y, m, d := now.In(zone).Date()
	ends, _ := instants(time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC), zone)
	return now.In(zone).Format(time.DateOnly), ends.UTC()
}
