package schedule_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // zones that the machine may not have

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return at
}

// active is an ending in UTC without a spread.
func active(expires time.Time, release *time.Time) schedule.Ending {
	return schedule.Ending{Expires: expires, Release: release, State: models.ResourceActive, Zone: time.UTC}
}

func shown(rungs []schedule.Rung) []string {
	lines := []string{}
	for _, r := range rungs {
		lines = append(lines, fmt.Sprintf("%s %s %s", r.Name, r.At.Format(time.RFC3339), r.Type))
	}
	return lines
}

func TestLadderIsTheOneOfTheRules(t *testing.T) {
	t.Parallel()
	release := instant(t, "2026-05-04T15:30:00Z")
	e := active(instant(t, "2026-04-27T15:30:00.25Z"), &release)
	e.Zone, e.Spread = zone(t, "Asia/Shanghai"), 7*time.Minute
	assert.Equal(t, []string{
		"expiry-30d 2026-03-28T01:07:00Z product.expiry_30",
		"expiry-15d 2026-04-12T01:07:00Z product.expiry_15",
		"expiry-7d 2026-04-20T01:07:00Z product.expiry_7",
		"expiry-3d 2026-04-24T01:07:00Z product.expiry_3",
		"expiry-1d 2026-04-26T01:07:00Z product.expiry_1",
		"expired 2026-04-27T15:30:01Z product.expired",
		"release-3d 2026-05-01T01:07:00Z product.release_3",
		"release-1d 2026-05-03T01:07:00Z product.release_1",
		"released 2026-05-04T15:30:00Z product.released",
	}, shown(e.Rungs()))
	for _, r := range e.Rungs() {
		assert.True(t, models.SentByBelfry(r.Type), "a product may submit %s", r.Type)
	}
}

func TestDaysAreThoseOfTheAccountsCalendar(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ zone, expires, want string }{
		"the day before, whatever the hour": {"UTC", "2026-03-02T00:00:00Z", "2026-03-01T09:00:00Z"},
		"the last second of a day":          {"UTC", "2026-03-02T23:59:59Z", "2026-03-01T09:00:00Z"},
		"another day there":                 {"Asia/Shanghai", "2026-03-01T16:00:00Z", "2026-03-01T01:00:00Z"},
		"29 February":                       {"UTC", "2028-03-01T12:00:00Z", "2028-02-29T09:00:00Z"},
		"no 29 February":                    {"UTC", "2027-03-01T12:00:00Z", "2027-02-28T09:00:00Z"},
		"month end":                         {"UTC", "2026-05-01T12:00:00Z", "2026-04-30T09:00:00Z"},
		"New Year":                          {"Europe/Berlin", "2027-01-01T12:00:00Z", "2026-12-31T08:00:00Z"},
		"clocks went forward that night":    {"Europe/Berlin", "2026-03-30T12:00:00Z", "2026-03-29T07:00:00Z"},
		"the day before clocks go forward":  {"Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T08:00:00Z"},
		"clocks went back that night":       {"Europe/Berlin", "2026-10-26T12:00:00Z", "2026-10-25T08:00:00Z"},
		"New York goes forward":             {"America/New_York", "2026-03-09T12:00:00Z", "2026-03-08T13:00:00Z"},
		"a quarter of an hour":              {"Asia/Kathmandu", "2026-03-02T12:00:00Z", "2026-03-01T03:15:00Z"},
		"a day that the calendar has not":   {"Pacific/Apia", "2011-12-30T22:00:00Z", "2011-12-30T19:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := active(instant(t, c.expires), nil)
			e.Zone, e.Ladder = zone(t, c.zone), &models.Ladder{Expiry: []models.Span{models.Day}}
			assert.Equal(t, c.want, e.Rungs()[0].At.Format(time.RFC3339))
		})
	}
}

func TestClockKnowsGapsAndRepeatedHours(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	cases := map[string]struct {
		day  time.Time
		hour time.Duration
		want string
	}{
		"02:30 does not exist: as much later":   {instant(t, "2026-03-29T00:00:00Z"), 150 * time.Minute, "2026-03-29T01:30:00Z"},
		"02:30 is there twice: the first":       {instant(t, "2026-10-25T00:00:00Z"), 150 * time.Minute, "2026-10-25T00:30:00Z"},
		"03:00 on the day of the gap":           {instant(t, "2026-03-29T00:00:00Z"), 3 * time.Hour, "2026-03-29T01:00:00Z"},
		"03:00 after the repeated hour":         {instant(t, "2026-10-25T00:00:00Z"), 3 * time.Hour, "2026-10-25T02:00:00Z"},
		"01:59:59 before the gap":               {instant(t, "2026-03-29T00:00:00Z"), 2*time.Hour - time.Second, "2026-03-29T00:59:59Z"},
		"an ordinary morning":                   {instant(t, "2026-07-01T00:00:00Z"), 9 * time.Hour, "2026-07-01T07:00:00Z"},
		"the last second of the day in winter":  {instant(t, "2026-12-31T00:00:00Z"), 24*time.Hour - time.Second, "2026-12-31T22:59:59Z"},
		"the first of the day after the change": {instant(t, "2026-03-30T00:00:00Z"), 0, "2026-03-29T22:00:00Z"},
	}
	for name, c := range cases {
		y, m, d := c.day.Date()
		assert.Equal(t, c.want, schedule.Clock(berlin, y, m, d, c.hour).Format(time.RFC3339), name)
	}
}

func TestShortSpansAreExact(t *testing.T) {
	t.Parallel()
	release := instant(t, "2026-03-01T12:01:00Z")
	e := active(instant(t, "2026-03-01T12:00:30Z"), &release)
	e.Ladder = &models.Ladder{Expiry: []models.Span{36 * 3600, 20, 10}, Release: []models.Span{models.Day, 60, 5}}
	assert.Equal(t, []string{
		"expiry-36h 2026-02-28T00:00:30Z product.expiry_3",
		"expiry-20s 2026-03-01T12:00:10Z product.expiry_1",
		"expiry-10s 2026-03-01T12:00:20Z product.expiry_1",
		"expired 2026-03-01T12:00:30Z product.expired",
		"release-5s 2026-03-01T12:00:55Z product.release_1",
		"released 2026-03-01T12:01:00Z product.released",
	}, shown(e.Rungs()), "what would remind of the release before the expiry is left out")
}

func TestStatesLeaveWhatTheySay(t *testing.T) {
	t.Parallel()
	at := instant(t, "2026-04-27T12:00:00Z")
	release := at.Add(7 * 24 * time.Hour)
	for state, want := range map[models.ResourceState]int{
		models.ResourceActive: 9, models.ResourceWillNotRenew: 1, models.ResourceReleased: 0, models.ResourceDeleted: 0,
	} {
		e := active(at, &release)
		e.State = state
		assert.Len(t, e.Rungs(), want, state)
	}
}

func TestReleaseAtTheExpiryIsToldOnce(t *testing.T) {
	t.Parallel()
	at := instant(t, "2026-04-27T12:00:00Z")
	rungs := active(at, &at).Rungs()
	assert.Equal(t, schedule.RungExpired, rungs[len(rungs)-1].Name, "the release is not after the expiry: the expiry tells of it")
}

func TestSpreadIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for i := range 200 {
		account := models.AccountID(fmt.Sprint("acc_", i))
		s := schedule.SpreadOf(account)
		assert.Equal(t, s, schedule.SpreadOf(account))
		assert.True(t, s >= 0 && s < 15*time.Minute && s%time.Second == 0, s)
		seen[s] = true
	}
	assert.Greater(t, len(seen), 100, "accounts are not all reminded at once")
}

func TestUnknownZonesAreUTC(t *testing.T) {
	t.Parallel()
	assert.Equal(t, time.UTC, schedule.Zone("Atlantis/Center"))
	assert.Equal(t, "Asia/Shanghai", schedule.Zone("Asia/Shanghai").String())
}

// drawEnding is any ending around 2026 to 2028, in zones with every kind of change.
func drawEnding(t *rapid.T) schedule.Ending {
	names := []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia"}
	z, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e := schedule.Ending{
		Expires: base.Add(time.Duration(rapid.Int64Range(0, int64(1000*24*time.Hour)).Draw(t, "expires")) / 1000 * 1000),
		State:   rapid.SampledFrom([]models.ResourceState{models.ResourceActive, models.ResourceActive, models.ResourceWillNotRenew}).Draw(t, "state"),
		Zone:    z, Spread: time.Duration(rapid.IntRange(0, 899).Draw(t, "spread")) * time.Second,
	}
	if rapid.Bool().Draw(t, "released") {
		release := e.Expires.Add(time.Duration(rapid.Int64Range(0, int64(60*24*time.Hour)).Draw(t, "release")))
		e.Release = &release
	}
	if rapid.Bool().Draw(t, "own ladder") {
		e.Ladder = &models.Ladder{Expiry: drawSpans(t, "expiry"), Release: drawSpans(t, "release")}
	}
	return e
}

func drawSpans(t *rapid.T, label string) []models.Span {
	one := rapid.Custom(func(t *rapid.T) models.Span {
		unit := rapid.SampledFrom([]models.Span{1, 60, 3600, models.Day}).Draw(t, "unit")
		return min(models.Span(rapid.Int64Range(1, 100).Draw(t, "n"))*unit, models.MaxSpan)
	})
	spans := rapid.SliceOfNDistinct(one, 1, models.MaxRungs, rapid.ID).Draw(t, label)
	slices.SortFunc(spans, func(a, b models.Span) int { return int(b - a) })
	return spans
}

func TestRungsAreOrderedUniqueAndWithinBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := drawEnding(t)
		rungs := e.Rungs()
		names := map[string]bool{}
		for i, r := range rungs {
			if names[r.Name] {
				t.Fatalf("%s is there twice", r.Name)
			}
			names[r.Name] = true
			if i > 0 && (!r.At.After(rungs[i-1].At) || r.Rank <= rungs[i-1].Rank) {
				t.Fatalf("not in order: %v", shown(rungs))
			}
			if r.At.After(r.Deadline.Add(time.Second)) {
				t.Fatalf("%s comes after its deadline %s", shown(rungs[i:i+1]), r.Deadline)
			}
			if r.Rank > 0 && !r.At.After(e.Expires) {
				t.Fatalf("%s comes before the expiry %s", shown(rungs[i:i+1]), e.Expires)
			}
			checkHour(t, e, r)
		}
		last := e.Expires
		if e.Release != nil && e.State == models.ResourceActive && e.Release.Sub(e.Expires) > time.Second {
			last = *e.Release
		}
		if n := len(rungs); n == 0 && e.State.Reminds() && last.Equal(e.Expires) {
			t.Fatal("nothing tells of the end")
		}
	})
}

// checkHour: whole days are at the account's hour of the right day of its calendar.
func checkHour(t *rapid.T, e schedule.Ending, r schedule.Rung) {
	span := models.Span(-r.Rank)
	if r.Rank > 0 {
		span = 2*models.MaxSpan - models.Span(r.Rank)
	}
	days, whole := span.WholeDays()
	if span == 0 {
		return
	}
	if !whole {
		if ahead := r.Deadline.Sub(r.At); ahead > span.Duration() || ahead <= span.Duration()-time.Second {
			t.Fatalf("%s comes %s ahead", r.Name, ahead)
		}
		return
	}
	local, deadline := r.At.In(e.Zone), r.Deadline.In(e.Zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	due := time.Date(deadline.Year(), deadline.Month(), deadline.Day(), 0, 0, 0, 0, time.UTC)
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
	if int(due.Sub(midnight)/(24*time.Hour)) != days || clock != 9*time.Hour+e.Spread {
		t.Fatalf("%s of %s is at %s", r.Name, deadline, local)
	}
}

// TestWhatFiresIsTheForecast: whoever looks at any instants, sleeps too long now and
// then and looks twice, deals with rungs in their order, with each once at most, with
// every one when he always looks in time, and with the newest after having slept.
func TestWhatFiresIsTheForecast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := drawEnding(t)
		rungs := e.Rungs()
		if len(rungs) == 0 {
			return
		}
		now := rungs[0].At.Add(-time.Duration(rapid.IntRange(1, 100).Draw(t, "start")) * time.Hour)
		if !e.Expires.After(now) {
			return
		}
		reached := schedule.Register(e, now)
		var fired []string
		missed := false
		for range 100 {
			step := schedule.StepAt(rungs, reached, now)
			if step.Due != nil {
				fired, reached = append(fired, step.Due.Name), step.Due.Rank
				if again := schedule.StepAt(rungs, reached, now); again.Due != nil {
					t.Fatalf("%s right after %s", again.Due.Name, step.Due.Name)
				}
			}
			if step.Next == nil {
				break
			}
			late := time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 50, 500}).Draw(t, "late")) * time.Hour
			missed = missed || late > 0
			now = step.Next.At.Add(late)
		}
		want := []string{}
		for _, r := range rungs {
			want = append(want, r.Name)
		}
		if !missed && !slices.Equal(fired, want) {
			t.Fatalf("fired %v of %v", fired, want)
		}
		rest := want
		for _, name := range fired {
			i := slices.Index(rest, name)
			if i < 0 {
				t.Fatalf("%s out of order or twice: %v of %v", name, fired, want)
			}
			rest = rest[i+1:]
		}
		if fired[len(fired)-1] != want[len(want)-1] {
			t.Fatalf("the end was not told: %v of %v", fired, want)
		}
	})
}

func TestLateRegistrationIsRemindedOnce(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-03-01T12:00:00Z")
	release := now.Add(20 * 24 * time.Hour)
	cases := map[string]struct {
		expires time.Duration
		due     string
		next    string
	}{
		"in time":                 {40 * 24 * time.Hour, "", "expiry-30d"},
		"five days before":        {5 * 24 * time.Hour, "expiry-7d", "expiry-3d"},
		"an hour before":          {time.Hour, "expiry-1d", "expired"},
		"after the expiry":        {-time.Hour, "", "release-3d"},
		"on the day of the thing": {30*24*time.Hour - time.Hour, "expiry-30d", "expiry-15d"},
	}
	for name, c := range cases {
		e := active(now.Add(c.expires), nil)
		if c.expires < 0 {
			e.Release = &release
		}
		step := schedule.StepAt(e.Rungs(), schedule.Register(e, now), now)
		got := ""
		if step.Due != nil {
			got = step.Due.Name
		}
		assert.Equal(t, c.due, got, name)
		if assert.NotNil(t, step.Next, name) {
			assert.Equal(t, c.next, step.Next.Name, name)
		}
	}
}

func TestAfterAChangeOnlyFutureRungsCount(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-03-01T12:00:00Z")
	days := func(n int) *time.Time { at := now.Add(time.Duration(n) * 24 * time.Hour); return &at }
	old := active(*days(20), days(27))
	reached := schedule.StepAt(old.Rungs(), schedule.Unreached, now).Due.Rank // expiry-30d was sent
	cases := map[string]struct {
		change func(*schedule.Ending)
		want   string
	}{
		"nothing":           {func(*schedule.Ending) {}, "expiry-15d"},
		"renewed":           {func(e *schedule.Ending) { e.Expires, e.Release = *days(365), days(372) }, "expiry-30d"},
		"moved a little":    {func(e *schedule.Ending) { e.Expires = *days(21) }, "expiry-15d"},
		"moved near":        {func(e *schedule.Ending) { e.Expires = *days(2) }, "expiry-1d"},
		"moved to today":    {func(e *schedule.Ending) { e.Expires = now.Add(time.Hour) }, "expired"},
		"moved to the past": {func(e *schedule.Ending) { e.Expires = *days(-1) }, "release-3d"},
		"another release":   {func(e *schedule.Ending) { e.Release = days(30) }, "expiry-15d"},
		"never released":    {func(e *schedule.Ending) { e.Release = nil }, "expiry-15d"},
		"another ladder": {func(e *schedule.Ending) {
			e.Ladder = &models.Ladder{Expiry: []models.Span{25 * models.Day, 2 * models.Day}}
		}, "expiry-2d"},
		"will not be renewed":    {func(e *schedule.Ending) { e.State = models.ResourceWillNotRenew }, "expired"},
		"released":               {func(e *schedule.Ending) { e.State = models.ResourceReleased }, ""},
		"another release ladder": {func(e *schedule.Ending) { e.Ladder = &models.Ladder{Release: []models.Span{2 * models.Day}} }, "expiry-15d"},
	}
	for name, c := range cases {
		e := old
		c.change(&e)
		step := schedule.StepAt(e.Rungs(), schedule.Change(old, e, reached, now), now)
		assert.Nil(t, step.Due, "%s: nothing is due at once", name)
		got := ""
		if step.Next != nil {
			got = step.Next.Name
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestAChangeOfTheReleaseLosesNoRungThatIsDue(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-03-01T12:00:00Z")
	release := now.Add(100 * time.Hour)
	old := active(now, nil) // expired this instant, and nobody was told yet
	changed := old
	changed.Release = &release
	reached := schedule.StepAt(old.Rungs(), schedule.Unreached, now.Add(-time.Hour)).Due.Rank
	step := schedule.StepAt(changed.Rungs(), schedule.Change(old, changed, reached, now), now)
	require.NotNil(t, step.Due)
	assert.Equal(t, schedule.RungExpired, step.Due.Name)

	toldOf := step.Due.Rank
	later := changed
	far := now.Add(1000 * time.Hour)
	later.Release = &far
	step = schedule.StepAt(later.Rungs(), schedule.Change(changed, later, toldOf, now), now)
	assert.Nil(t, step.Due, "the expiry is not told twice")
	assert.Equal(t, "release-3d", step.Next.Name)
}
