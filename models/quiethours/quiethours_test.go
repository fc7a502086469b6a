package quiethours_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/quiethours"
)

func quiet(from, to, zone string) models.Preferences {
	return models.Preferences{QuietFrom: from, QuietTo: to, QuietZone: zone}
}

// TestQuietHoursFollowTheClockOnTheWall takes nights with a change of the clocks and without.
func TestQuietHoursFollowTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	const berlin, newYork, shanghai, lordHowe = "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"
	cases := []struct {
		name           string
		from, to, zone string
		now            string // with offset
		until          string // "" for not quiet
	}{
		{"an evening", "23:00", "08:00", shanghai, "2026-03-01T23:00:00+08:00", "2026-03-02T08:00:00+08:00"},
		{"the minute before", "23:00", "08:00", shanghai, "2026-03-01T22:59:59+08:00", ""},
		{"after midnight", "23:00", "08:00", shanghai, "2026-03-02T00:30:00+08:00", "2026-03-02T08:00:00+08:00"},
		{"the end is not quiet", "23:00", "08:00", shanghai, "2026-03-02T08:00:00+08:00", ""},
		{"within one day", "12:00", "14:00", shanghai, "2026-03-02T13:00:00+08:00", "2026-03-02T14:00:00+08:00"},
		{"until midnight", "20:00", "00:00", shanghai, "2026-03-02T21:00:00+08:00", "2026-03-03T00:00:00+08:00"},
		{"no change in 2026", "23:00", "08:00", shanghai, "2026-03-28T23:30:00+08:00", "2026-03-29T08:00:00+08:00"},

		{"Berlin, the short night", "23:00", "08:00", berlin, "2026-03-28T23:00:00+01:00", "2026-03-29T08:00:00+02:00"},
		{"Berlin, the long night", "23:00", "08:00", berlin, "2026-10-24T23:00:00+02:00", "2026-10-25T08:00:00+01:00"},
		{"Berlin, an end that is skipped", "23:00", "02:30", berlin, "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"},
		{"Berlin, a beginning that is skipped", "02:30", "08:00", berlin, "2026-03-29T03:00:00+02:00", "2026-03-29T08:00:00+02:00"},
		{"Berlin, before a beginning that is skipped", "02:30", "08:00", berlin, "2026-03-29T01:59:59+01:00", ""},
		{"Berlin, an end that comes twice: the last counts", "23:00", "02:30", berlin, "2026-10-25T02:45:00+02:00", "2026-10-25T02:30:00+01:00"},
		{"Berlin, after both", "23:00", "02:30", berlin, "2026-10-25T02:30:00+01:00", ""},
		{"Berlin, a beginning that comes twice: the first counts", "02:30", "08:00", berlin, "2026-10-25T02:30:00+02:00", "2026-10-25T08:00:00+01:00"},
		{"Berlin, and goes on through the second", "02:30", "08:00", berlin, "2026-10-25T02:15:00+01:00", "2026-10-25T08:00:00+01:00"},

		{"New York, the short night", "22:00", "07:00", newYork, "2026-03-07T22:00:00-05:00", "2026-03-08T07:00:00-04:00"},
		{"New York, the long night", "22:00", "07:00", newYork, "2026-10-31T23:00:00-04:00", "2026-11-01T07:00:00-05:00"},
		{"New York, an end that comes twice", "22:00", "01:30", newYork, "2026-11-01T01:45:00-04:00", "2026-11-01T01:30:00-05:00"},

		{"Lord Howe sets its clocks by half an hour: forward", "22:00", "07:00", lordHowe, "2026-10-03T23:00:00+10:30", "2026-10-04T07:00:00+11:00"},
		{"Lord Howe: back", "22:00", "07:00", lordHowe, "2026-04-04T23:00:00+11:00", "2026-04-05T07:00:00+10:30"},
		{"Lord Howe, an end that is skipped", "22:00", "02:15", lordHowe, "2026-10-04T01:59:00+10:30", "2026-10-04T02:30:00+11:00"},
		{"Lord Howe, an end that comes twice", "22:00", "01:45", lordHowe, "2026-04-05T01:50:00+11:00", "2026-04-05T01:45:00+10:30"},

		{"no such zone: the other one counts", "22:00", "07:00", "Mars/Olympus", "2026-04-04T23:00:00+00:00", "2026-04-05T07:00:00+00:00"},
		{"no such zone, and no quiet time in the other one", "22:00", "07:00", "Mars/Olympus", "2026-04-04T12:00:00+00:00", ""},
		{"the same time twice is no quiet time", "07:00", "07:00", berlin, "2026-04-04T23:00:00+11:00", ""},
		{"nothing wanted", "", "", berlin, "2026-04-04T23:00:00+11:00", ""},
		{"no time of day", "7:00", "25:00", berlin, "2026-04-04T23:00:00+11:00", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			require.NoError(t, err)
			until, in := quiethours.Until(now.UTC(), quiet(c.from, c.to, c.zone), "UTC")
			if c.until == "" {
				assert.False(t, in, "quiet until %v", until)
				return
			}
			want, err := time.Parse(time.RFC3339, c.until)
			require.NoError(t, err)
			assert.True(t, in, "not quiet")
			assert.True(t, want.Equal(until), "until %v, want %v", until.In(want.Location()), want)
		})
	}
}

func TestQuietHoursWithoutAZoneAreTheRecipients(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC)
	until, in := quiethours.Until(now, quiet("23:00", "08:00", ""), "Europe/Berlin")
	assert.True(t, in)
	assert.Equal(t, time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), until)
	_, in = quiethours.Until(now, quiet("23:00", "08:00", ""), "UTC")
	assert.False(t, in)
}

func TestQuietHoursHoldAnyInstantForLessThanADayAndLetItGo(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"}
	clocks := []string{"00:00", "01:30", "02:00", "02:30", "03:00", "08:00", "12:00", "22:00", "23:59"}
	rapid.Check(t, func(t *rapid.T) {
		p := quiet(rapid.SampledFrom(clocks).Draw(t, "from"), rapid.SampledFrom(clocks).Draw(t, "to"), rapid.SampledFrom(zones).Draw(t, "zone"))
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(t, "minute")) * time.Minute)
		until, in := quiethours.Until(now, p, "UTC")
		if !in {
			return
		}
		if !until.After(now) || until.Sub(now) > 25*time.Hour+time.Minute {
			t.Fatalf("held from %v until %v", now, until)
		}
		zone, err := time.LoadLocation(p.QuietZone)
		if err != nil {
			t.Fatal(err)
		}
		_, before := until.Add(-time.Second).In(zone).Zone()
		_, after := until.In(zone).Zone()
		if _, again := quiethours.Until(until, p, "UTC"); again && before == after {
			t.Fatalf("%v is quiet again", until)
		}
	})
}

func TestADayEndsAtMidnightOnTheWall(t *testing.T) {
	t.Parallel()
	day, ends := quiethours.Day(time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), "Europe/Berlin")
	assert.Equal(t, "2026-03-29", day)
	assert.Equal(t, time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), ends, "a day of 23 hours")
	day, ends = quiethours.Day(time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), "no such zone")
	assert.Equal(t, "2026-03-28", day)
	assert.Equal(t, time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), ends)
}
