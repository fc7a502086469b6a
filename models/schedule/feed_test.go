package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

func wish(days int, version int64) schedule.Wish {
	return schedule.Wish{Name: "db", Expires: noon.AddDate(0, 0, days), State: models.ResourceActive, Version: version}
}

func TestFeedsAreIdempotentAndNeverGoBack(t *testing.T) {
	t.Parallel()
	r := wish(40, 7).New(models.Resource{ID: "rsc_1"}, time.UTC, noon)
	require.NotNil(t, r.NextAt)

	again, effect, err := wish(50, 7).Apply(r, time.UTC, noon)
	require.NoError(t, err)
	assert.Equal(t, schedule.Unchanged, effect, "the same version is the same change, whatever it says")
	assert.Equal(t, r, again)

	_, _, err = wish(50, 6).Apply(r, time.UTC, noon)
	assert.Equal(t, models.CodeStale, models.CodeOf(err))

	same, effect, err := wish(40, 8).Apply(r, time.UTC, noon)
	require.NoError(t, err)
	assert.Equal(t, schedule.Unchanged, effect)
	assert.Equal(t, int64(8), same.FeedVersion, "what is older than this is refused from now on")

	later, effect, err := wish(50, 9).Apply(same, time.UTC, noon)
	require.NoError(t, err)
	assert.Equal(t, schedule.Changed, effect)
	assert.True(t, later.NextAt.After(*r.NextAt))

	unnumbered, effect, err := wish(60, 0).Apply(later, time.UTC, noon)
	require.NoError(t, err)
	assert.Equal(t, schedule.Changed, effect, "without a version the last one wins")
	assert.Equal(t, int64(9), unnumbered.FeedVersion)
}

func TestADeletedResourceComesBackAsANewOneOnly(t *testing.T) {
	t.Parallel()
	r := wish(5, 1).New(models.Resource{ID: "rsc_1"}, time.UTC, noon)
	gone := wish(5, 3)
	gone.State = models.ResourceDeleted
	r, effect, err := gone.Apply(r, time.UTC, noon)
	require.NoError(t, err)
	assert.Equal(t, schedule.Changed, effect)
	assert.Nil(t, r.NextAt)

	_, _, err = wish(5, 2).Apply(r, time.UTC, noon)
	assert.Equal(t, models.CodeStale, models.CodeOf(err), "an old feed does not bring it back")

	later := noon.Add(time.Hour)
	r, effect, err = wish(5, 4).Apply(r, time.UTC, later)
	require.NoError(t, err)
	assert.Equal(t, schedule.Created, effect)
	assert.Equal(t, later, r.CreatedAt)
	assert.Equal(t, later, *r.NextAt, "registered late, it is reminded of at once")
}

func TestAFeedThatRepeatsItselfDoesNotBringBackWhatWasReleased(t *testing.T) {
	t.Parallel()
	w := wish(1, 0)
	release := noon.AddDate(0, 0, 3)
	w.Release = &release
	r := w.New(models.Resource{ID: "rsc_1"}, time.UTC, noon)
	r.State, r.NextAt = models.ResourceReleased, nil
	after, effect, err := w.Apply(r, time.UTC, release)
	require.NoError(t, err)
	assert.Equal(t, schedule.Unchanged, effect)
	assert.Equal(t, models.ResourceReleased, after.State)
	w.Name = "orders"
	after, effect, err = w.Apply(r, time.UTC, release)
	require.NoError(t, err)
	assert.Equal(t, schedule.Changed, effect)
	assert.Equal(t, models.ResourceReleased, after.State, "another name is no renewal")

	later := release.AddDate(1, 0, 0)
	w.Expires, w.Release = later, &later
	after, _, err = w.Apply(r, time.UTC, release)
	require.NoError(t, err)
	assert.Equal(t, models.ResourceActive, after.State, "a later end is one")
	assert.NotNil(t, after.NextAt)
}

func TestBadEndsAreNamed(t *testing.T) {
	t.Parallel()
	at := func(years int) time.Time { return noon.AddDate(years, 0, 0) }
	early := noon.Add(-time.Second)
	cases := map[string]struct {
		expires time.Time
		release *time.Time
		want    string
	}{
		"soon":                       {noon.Add(time.Second), nil, ""},
		"expired already":            {at(-1), nil, ""},
		"the year 9999":              {time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), nil, "#/expires_at too-far"},
		"the year 0":                 {time.Time{}, nil, "#/expires_at too-long-ago"},
		"release before expiry":      {noon, &early, "#/release_at before-expiry"},
		"release with expiry":        {noon, &noon, ""},
		"release in the year 9999":   {noon, new(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)), "#/release_at too-far"},
		"both, and the release's is": {at(11), new(at(12)), "#/expires_at too-far"},
	}
	for name, c := range cases {
		got := ""
		if fields := (schedule.Wish{Expires: c.expires, Release: c.release}).Check(noon); len(fields) > 0 {
			got = fields[0].Pointer + " " + fields[0].Code
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestLaddersAreReadInAnyOrder(t *testing.T) {
	t.Parallel()
	l, fields := schedule.ParseLadder([]string{"1d", "30d", "10s"}, nil)
	require.Empty(t, fields)
	assert.Equal(t, &models.Ladder{Expiry: []models.Span{30 * models.Day, models.Day, 10}}, l)
	l, fields = schedule.ParseLadder(nil, nil)
	assert.Nil(t, l)
	assert.Empty(t, fields)
	_, fields = schedule.ParseLadder([]string{"1d", "24h", "soon"}, []string{"401d"})
	codes := []string{}
	for _, f := range fields {
		codes = append(codes, f.Pointer+" "+f.Code)
	}
	assert.Equal(t, []string{"#/ladder/1 duplicate", "#/ladder/2 invalid-value", "#/release_ladder/0 invalid-value"}, codes)
}

// TestDeadlinesThatMoveAllTheTimeFloodNobody: whatever a product feeds, and whenever,
// no rung of one deadline comes twice, nothing is due right after a change, and the
// last version wins.
func TestDeadlinesThatMoveAllTheTimeFloodNobody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		r := wish(rapid.IntRange(0, 60).Draw(t, "first"), 1).New(models.Resource{ID: "rsc_1", AccountID: "acc_1"}, time.UTC, now)
		told := map[string]bool{}
		for version := range rapid.IntRange(1, 30).Draw(t, "changes") {
			step := schedule.StepAt(schedule.EndingOf(r, time.UTC).Rungs(), r.Reached, now)
			if step.Due != nil {
				key := step.Due.Deadline.String() + step.Due.Name
				if told[key] {
					t.Fatalf("%s twice", key)
				}
				told[key], r.Reached = true, step.Due.Rank
			}
			w := wish(rapid.IntRange(-5, 60).Draw(t, "days"), int64(version)+2)
			w.State = rapid.SampledFrom([]models.ResourceState{models.ResourceActive, models.ResourceActive, models.ResourceWillNotRenew}).Draw(t, "state")
			if rapid.Bool().Draw(t, "releases") {
				release := w.Expires.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "grace"))
				w.Release = &release
			}
			moved := !w.Expires.Equal(r.ExpiresAt) || w.State != r.State
			var err error
			if r, _, err = w.Apply(r, time.UTC, now); err != nil {
				t.Fatal(err)
			}
			if moved && r.NextAt != nil && !r.NextAt.After(now) {
				t.Fatalf("due at once after a change at %s", now)
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
		}
	})
}
