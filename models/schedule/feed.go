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

// field is one thing that a product says of its resource.
type field struct {
	// name is the one that requests have; problems point at it.
	name string
	// read makes the wish what the resource is, apply the resource what is wished, and same
	// reports whether it is.
	read, apply func(w *Wish, r *models.Resource)
	same        func(w *Wish, r *models.Resource) bool
	// check says what is wrong with what is wished; "" and nil for nothing.
	check func(w *Wish, now time.Time) (code, detail string)
}

// said are all that a product says of its resource: what is not a row here is not read,
// applied, compared or checked.
func said() []field {
	return []field{
		plain("kind", func(w *Wish) *string { return &w.Kind }, func(r *models.Resource) *string { return &r.Kind }, equal),
		plain("name", func(w *Wish) *string { return &w.Name }, func(r *models.Resource) *string { return &r.Name }, equal),
		plain("expires_at", func(w *Wish) *time.Time { return &w.Expires }, func(r *models.Resource) *time.Time { return &r.ExpiresAt }, time.Time.Equal).
			checked(func(w *Wish, now time.Time) (string, string) { return checkEnd(w.Expires, now) }),
		plain("release_at", func(w *Wish) **time.Time { return &w.Release }, func(r *models.Resource) **time.Time { return &r.ReleaseAt }, sameInstant).
			checked(checkRelease),
		plain("ladder", func(w *Wish) **models.Ladder { return &w.Ladder }, func(r *models.Resource) **models.Ladder { return &r.Ladder }, sameLadder),
		plain("state", func(w *Wish) *models.ResourceState { return &w.State }, func(r *models.Resource) *models.ResourceState { return &r.State }, equal).
			applied(become),
	}
}

// plain is a field that is put as it is said.
func plain[T any](name string, wished func(*Wish) *T, known func(*models.Resource) *T, same func(a, b T) bool) field {
	return field{
		name:  name,
		read:  func(w *Wish, r *models.Resource) { *wished(w) = *known(r) },
		apply: func(w *Wish, r *models.Resource) { *known(r) = *wished(w) },
		same:  func(w *Wish, r *models.Resource) bool { return same(*wished(w), *known(r)) },
	}
}

func equal[T comparable](a, b T) bool { return a == b }

func (f field) checked(check func(*Wish, time.Time) (code, detail string)) field {
	f.check = check
	return f
}

func (f field) applied(apply func(*Wish, *models.Resource)) field {
	f.apply = apply
	return f
}

// become moves the resource to the wished state where its life leads there; elsewhere it stays.
func become(w *Wish, r *models.Resource) {
	leads := func(t models.Transition[models.ResourceState]) bool { return t.In == r.State && t.To == w.State }
	if slices.ContainsFunc(models.ResourceLife(), leads) {
		r.State = w.State
	}
}

// WishOf is the wish that everything stays.
func WishOf(r models.Resource) Wish {
	w := Wish{}
	for _, f := range said() {
		f.read(&w, &r)
	}
	return w
}

// Check returns what is wrong with what is wished; pointers are "#/expires_at" and the like.
func (w Wish) Check(now time.Time) []models.Field {
	var wrong []models.Field
	for _, f := range said() {
		if f.check == nil {
			continue
		}
		if code, detail := f.check(&w, now); code != "" {
			wrong = append(wrong, models.Field{Pointer: "#/" + f.name, Code: code, Detail: detail})
		}
	}
	return wrong
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
	for _, f := range said() {
		f.apply(&w, &r)
	}
	return r
}

// says reports whether the resource is what is wished, in the fields that are named; in all
// without a name.
func (w Wish) says(r models.Resource, names ...string) bool {
	for _, f := range said() {
		if (len(names) == 0 || slices.Contains(names, f.name)) && !f.same(&w, &r) {
			return false
		}
	}
	return true
}

// SameEnds reports whether the resource ends when it is wished.
func (w Wish) SameEnds(r models.Resource) bool { return w.says(r, "expires_at", "release_at") }

func sameLadder(a, b *models.Ladder) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.Expiry, b.Expiry) && slices.Equal(a.Release, b.Release)
}

// farthest bounds how far from now a resource may end, either way.
const farthest = 10 * 365 * dayLong

func checkEnd(at, now time.Time) (code, detail string) {
	switch {
	case at.After(now.Add(farthest)):
		return "too-far", "It must be within ten years."
	case at.Before(now.Add(-farthest)):
		return "too-long-ago", "It must be within the last ten years."
	}
	return "", ""
}

func checkRelease(w *Wish, now time.Time) (code, detail string) {
	switch {
	case w.Release == nil:
		return "", ""
	case w.Release.Before(w.Expires):
		return "before-expiry", "It must not be before expires_at."
	}
	return checkEnd(*w.Release, now)
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
