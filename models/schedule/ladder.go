package schedule

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/models"
)

// Rules of the ladder. Source: product rules, expiry ladder.
const (
	remindHour = 9
	spreadMost = 15 * time.Minute
	// Unreached is before every rung.
	Unreached = math.MinInt64
	// afterExpiry ranks the rungs before a release after all those before the expiry.
	afterExpiry = int64(2 * models.MaxSpan)
)

// Names of the notices at the ends themselves.
const (
	RungExpired  = "expired"
	RungReleased = "released"
)

// Rung is one reminder of a resource: what it is called, which message type tells
// of it, and when.
type Rung struct {
	// Name is unique in a ladder: "expiry-30d", "expired", "release-3d", "released".
	Name string
	// Type is the message type's key.
	Type string
	// Rank orders the rungs of all ladders of a resource, the most urgent last. It
	// depends on no clock and no zone.
	Rank int64
	// Deadline is the instant that it counts to: the expiry or the release.
	Deadline time.Time
	// At is when it is due, in whole seconds of UTC.
	At time.Time
}

// Ending is what the rungs of a resource follow from.
type Ending struct {
	Expires time.Time
	// Release is nil for a resource that is never released.
	Release *time.Time
	// Ladder replaces the platform's; nil does not.
	Ladder *models.Ladder
	State  models.ResourceState
	// Zone is the account's. Spread is how long after the full hour its days begin.
	Zone   *time.Location
	Spread time.Duration
}

// EndingOf is the ending of an account's resource. zone is Zone of the account's.
func EndingOf(r models.Resource, zone *time.Location) Ending {
	return Ending{
		Expires: r.ExpiresAt, Release: r.ReleaseAt, Ladder: r.Ladder, State: r.State,
		Zone: zone, Spread: SpreadOf(r.AccountID),
	}
}

// Zone is the time zone of the IANA name, or UTC when there is none.
func Zone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// SpreadOf is how many seconds after the full hour the account is reminded: 0 to 15
// minutes, always the same, so that all that is due on a day is due at one instant.
func SpreadOf(account models.AccountID) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(account)) // a hash never fails
	return time.Duration(mix(h.Sum64())%uint64(spreadMost/time.Second)) * time.Second
}

// Rungs are the reminders of the ending, in the order of their ranks and of their
// instants, all different; none when nothing is left to say. A rung that would come
// with, or after, a more urgent one is left out; so is one before the release that
// would come before the expiry.
func (e Ending) Rungs() []Rung {
	if !e.State.Reminds() {
		return nil
	}
	spans, last := e.expirySpans(), e.releaseSpans()
	all := make([]Rung, 0, len(spans)+len(last)+2)
	active := e.State == models.ResourceActive
	if active {
		all = e.before(all, e.Expires, "expiry-", 0, spans)
	}
	all = append(all, Rung{Name: RungExpired, Type: "product.expired", Deadline: e.Expires, At: wholeSecond(e.Expires)})
	if active && e.Release != nil {
		all = e.before(all, *e.Release, "release-", afterExpiry, last)
		all = append(all, Rung{
			Name: RungReleased, Type: "product.released", Rank: afterExpiry, Deadline: *e.Release, At: wholeSecond(*e.Release),
		})
	}
	return ascending(all, e.Expires)
}

// ascending leaves out what a more urgent rung overtakes. It reuses the slice.
func ascending(all []Rung, expires time.Time) []Rung {
	kept := len(all)
	for i, r := range slices.Backward(all) {
		late := kept < len(all) && !r.At.Before(all[kept].At)
		early := r.Rank > 0 && !r.At.After(expires)
		if !late && !early {
			kept--
			all[kept] = all[i]
		}
	}
	return all[kept:]
}

// before adds the rungs ahead of a deadline. Spans are the longest first.
func (e Ending) before(all []Rung, deadline time.Time, prefix string, rank int64, spans []models.Span) []Rung {
	for _, span := range spans {
		all = append(all, Rung{
			Name: prefix + span.String(), Type: typeOf(prefix, span), Rank: rank - int64(span),
			Deadline: deadline, At: e.ahead(deadline, span),
		})
	}
	return all
}

// ahead is when the rung is due: at the account's hour for whole days by its
// calendar, else exactly.
func (e Ending) ahead(deadline time.Time, span models.Span) time.Time {
	days, whole := span.WholeDays()
	if !whole {
		return wholeSecond(deadline.Add(-span.Duration()))
	}
	year, month, day := deadline.In(e.Zone).Date()
	return Clock(e.Zone, year, month, day-days, remindHour*time.Hour+e.Spread)
}

func (e Ending) expirySpans() []models.Span {
	if e.Ladder != nil && e.Ladder.Expiry != nil {
		return e.Ladder.Expiry
	}
	return []models.Span{30 * models.Day, 15 * models.Day, 7 * models.Day, 3 * models.Day, models.Day}
}

func (e Ending) releaseSpans() []models.Span {
	if e.Ladder != nil && e.Ladder.Release != nil {
		return e.Ladder.Release
	}
	return []models.Span{3 * models.Day, models.Day}
}

// typeOf is the message type of a rung: the shipped one that is just as urgent.
func typeOf(prefix string, span models.Span) string {
	switch {
	case prefix == "release-" && span <= models.Day:
		return "product.release_1"
	case prefix == "release-":
		return "product.release_3"
	case span <= models.Day:
		return "product.expiry_1"
	case span <= 3*models.Day:
		return "product.expiry_3"
	case span <= 7*models.Day:
		return "product.expiry_7"
	case span <= 15*models.Day:
		return "product.expiry_15"
	}
	return "product.expiry_30"
}

// ByUrgency orders what is due at one moment, of two message types with the greatest ranks of
// their rungs: the most urgent first.
func ByUrgency(typeA, typeB string, rankA, rankB int64) int {
	return cmp.Or(cmp.Compare(rankB, rankA), strings.Compare(typeA, typeB))
}

// wholeSecond is the first whole second that is not before the instant: what ends
// within one second is told of together.
func wholeSecond(at time.Time) time.Time {
	at = at.UTC()
	if whole := at.Truncate(time.Second); whole.Before(at) {
		return whole.Add(time.Second)
	}
	return at
}

// Clock is the instant at which clocks of the zone show the time of the day. A time
// that is there twice is the first of both; one that is skipped comes as much later
// as is skipped. day may be out of the month's range.
func Clock(zone *time.Location, year int, month time.Month, day int, timeOfDay time.Duration) time.Time {
	wall := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Add(timeOfDay)
	before, after := offsetAt(zone, wall.Add(-dayLong)), offsetAt(zone, wall.Add(dayLong))
	first, second := wall.Add(-before), wall.Add(-after)
	switch {
	case offsetAt(zone, first) == before && offsetAt(zone, second) == after:
		if second.Before(first) {
			return second
		}
		return first
	case offsetAt(zone, second) == after:
		return second
	}
	return first // exists, or the clocks skip it
}

const dayLong = 24 * time.Hour

func offsetAt(zone *time.Location, at time.Time) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// Step is what is due of a ladder, and what comes then.
type Step struct {
	// Due is the newest rung that is due and was not dealt with; nil for none. Older
	// ones that were missed are not made up for.
	Due *Rung
	// Next is the first rung that is not due yet; nil for none.
	Next *Rung
}

// StepAt looks for the rungs after the one that was reached.
func StepAt(rungs []Rung, reached int64, now time.Time) Step {
	var t Step
	for i := range rungs {
		switch {
		case rungs[i].Rank <= reached:
		case rungs[i].At.After(now):
			t.Next = &rungs[i]
			return t
		default:
			t.Due = &rungs[i]
		}
	}
	return t
}

// NextAt is when a resource must be looked at that reached the rank: now when a rung
// is due; nil when nothing is left.
func NextAt(rungs []Rung, reached int64, now time.Time) *time.Time {
	t := StepAt(rungs, reached, now)
	switch {
	case t.Due != nil:
		return &now
	case t.Next != nil:
		return &t.Next.At
	}
	return nil
}

// Register is the rank that a new resource has reached. One that is registered late
// is reminded once, of the most urgent rung that is due; one that has expired
// already, only of what comes.
func Register(e Ending, now time.Time) int64 {
	if !e.Expires.After(now) {
		return passed(e.Rungs(), now)
	}
	return Unreached
}

// Change is the rank that a resource has reached after a change: on a new ladder
// only future rungs count. While the expiry and the ladder before it stay, a rung
// that is due right now is not lost.
func Change(before, after Ending, reached int64, now time.Time) int64 {
	sameExpiry := before.Expires.Equal(after.Expires) && before.State == after.State &&
		slices.Equal(before.expirySpans(), after.expirySpans())
	sameRelease := slices.Equal(before.releaseSpans(), after.releaseSpans()) && sameInstant(before.Release, after.Release)
	switch {
	case sameExpiry && (sameRelease || reached < 0):
		return reached
	case sameExpiry:
		return max(passed(after.Rungs(), now), 0)
	}
	return passed(after.Rungs(), now)
}

func sameInstant(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// passed is the rank of the newest rung that is over.
func passed(rungs []Rung, now time.Time) int64 {
	rank := int64(Unreached)
	for _, r := range rungs {
		if r.At.After(now) {
			break
		}
		rank = r.Rank
	}
	return rank
}
