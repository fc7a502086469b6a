package schedule

import (
	"slices"
	"strconv"
	"time"

	"belfry.dev/belfry/models"
)

// Wish is what a product says of its resource: all of it, each time.
type Wish struct {
	Kind    string
	Name    string
	Expires time.Time
	Release *time.Time
	Ladder  *models.Ladder
	State   models.ResourceState
	// Version is the product's number of the change; 0 for none.
	Version int64
}

// WishOf is the wish that everything stays.
func WishOf(r models.Resource) Wish {
	return Wish{Kind: r.Kind, Name: r.Name, Expires: r.ExpiresAt, Release: r.ReleaseAt, Ladder: r.Ladder, State: r.State}
}

// Effect is what a wish did.
type Effect string

// Effects of a wish.
const (
	Created   Effect = "created" // new, or back after a deletion
	Changed   Effect = "changed"
	Unchanged Effect = "unchanged"
)

// New is the row of a resource that is not known yet; ids and version are the
// caller's.
func (w Wish) New(r models.Resource, zone *time.Location, now time.Time) models.Resource {
	r = w.put(r)
	r.CreatedAt, r.UpdatedAt, r.FeedVersion = now, now, w.Version
	e := EndingOf(r, zone)
	r.Reached = Register(e, now)
	r.NextAt = NextAt(e.Rungs(), r.Reached, now)
	return r
}

// Apply makes the resource what the product wishes. A version that was applied
// before changes nothing. Code stale-version: the wish is older than what is known.
func (w Wish) Apply(r models.Resource, zone *time.Location, now time.Time) (models.Resource, Effect, error) {
	if w.Version != 0 && r.FeedVersion != 0 {
		switch {
		case w.Version == r.FeedVersion:
			return r, Unchanged, nil
		case w.Version < r.FeedVersion:
			return r, Unchanged, models.Errorf(models.CodeStale, "Version %d is known already.", r.FeedVersion)
		}
	}
	if r.State == models.ResourceDeleted && w.State != models.ResourceDeleted {
		version := r.FeedVersion
		r = w.New(r, zone, now)
		r.FeedVersion = max(version, w.Version)
		return r, Created, nil
	}
	if r.State == models.ResourceReleased && w.State == models.ResourceActive && w.Release != nil && !w.Release.After(now) {
		w.State = models.ResourceReleased // a feed that repeats itself brings nothing back
	}
	before := r
	r = w.put(r)
	r.FeedVersion = max(before.FeedVersion, w.Version)
	old, changed := EndingOf(before, zone), EndingOf(r, zone)
	r.Reached = Change(old, changed, before.Reached, now)
	r.NextAt = NextAt(changed.Rungs(), r.Reached, now)
	if w.says(before) {
		return r, Unchanged, nil
	}
	return r, Changed, nil
}

func (w Wish) put(r models.Resource) models.Resource {
	r.Kind, r.Name, r.ExpiresAt, r.ReleaseAt, r.Ladder, r.State = w.Kind, w.Name, w.Expires, w.Release, w.Ladder, w.State
	return r
}

// says reports whether the resource is what is wished.
func (w Wish) says(r models.Resource) bool {
	return w.Kind == r.Kind && w.Name == r.Name && w.SameEnds(r) && sameLadder(w.Ladder, r.Ladder) && w.State == r.State
}

// SameEnds reports whether the resource ends when it is wished.
func (w Wish) SameEnds(r models.Resource) bool {
	return w.Expires.Equal(r.ExpiresAt) && sameInstant(w.Release, r.ReleaseAt)
}

func sameLadder(a, b *models.Ladder) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.Expiry, b.Expiry) && slices.Equal(a.Release, b.Release)
}

// farthest bounds how far from now a resource may end, either way.
const farthest = 10 * 365 * dayLong

// CheckEnds returns what is wrong with the ends that a product gives: pointers are
// "#/expires_at" and "#/release_at".
func CheckEnds(expires time.Time, release *time.Time, now time.Time) []models.Field {
	fields := checkEnd("#/expires_at", expires, now)
	if release == nil {
		return fields
	}
	if release.Before(expires) {
		return append(fields, models.Field{Pointer: "#/release_at", Code: "before-expiry", Detail: "It must not be before expires_at."})
	}
	return append(fields, checkEnd("#/release_at", *release, now)...)
}

func checkEnd(pointer string, at, now time.Time) []models.Field {
	switch {
	case at.After(now.Add(farthest)):
		return []models.Field{{Pointer: pointer, Code: "too-far", Detail: "It must be within ten years."}}
	case at.Before(now.Add(-farthest)):
		return []models.Field{{Pointer: pointer, Code: "too-long-ago", Detail: "It must be within the last ten years."}}
	}
	return nil
}

// ParseLadder reads a product's ladder; nil when it gives none. Spans come in any
// order. Pointers are "#/ladder/<index>" and "#/release_ladder/<index>".
func ParseLadder(expiry, release []string) (*models.Ladder, []models.Field) {
	if expiry == nil && release == nil {
		return nil, nil
	}
	l := &models.Ladder{}
	var fields, more []models.Field
	l.Expiry, fields = parseSpans("#/ladder", expiry)
	l.Release, more = parseSpans("#/release_ladder", release)
	return l, append(fields, more...)
}

func parseSpans(pointer string, texts []string) ([]models.Span, []models.Field) {
	var spans []models.Span
	var fields []models.Field
	add := func(i int, code, detail string) {
		fields = append(fields, models.Field{Pointer: pointer + "/" + strconv.Itoa(i), Code: code, Detail: detail})
	}
	for i, text := range texts {
		span, ok := models.ParseSpan(text)
		switch {
		case !ok:
			add(i, "invalid-value", `It must be a whole number with a unit, from "1s" to "400d".`)
		case slices.Contains(spans, span):
			add(i, "duplicate", "It is there twice.")
		default:
			spans = append(spans, span)
		}
	}
	slices.SortFunc(spans, func(a, b models.Span) int { return int(b - a) })
	return spans, fields
}
