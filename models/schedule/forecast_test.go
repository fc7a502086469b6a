package schedule_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

// TestTheForecastIsWhatHappens: an account's resources with any ends, in any state of
// their ladders; whoever looks at every instant of the forecast sends exactly its
// messages, about exactly its resources.
func TestTheForecastIsWhatHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Asia/Shanghai", "Europe/Berlin", "America/New_York"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		now := noon.Add(time.Duration(rapid.IntRange(0, 400*24).Draw(t, "start")) * time.Hour)
		resources := make([]models.Resource, rapid.IntRange(0, 12).Draw(t, "resources"))
		for i := range resources {
			w := schedule.Wish{
				Name: fmt.Sprint("db-", i), State: rapid.SampledFrom([]models.ResourceState{models.ResourceActive, models.ResourceWillNotRenew, models.ResourceReleased}).Draw(t, "state"),
				Expires: now.Add(time.Duration(rapid.IntRange(-100, 40*24).Draw(t, "hours")) * time.Hour),
			}
			if rapid.Bool().Draw(t, "releases") {
				release := w.Expires.AddDate(0, 0, 7)
				w.Release = &release
			}
			resources[i] = w.New(models.Resource{ID: fmt.Sprint("rsc_", i), AccountID: "acc_1"}, zone, now)
		}
		var want, got []string
		for _, c := range schedule.Forecast(resources, zone, now) {
			want = append(want, message(c.At, c.Type, c.Resources))
			got = append(got, send(resources, zone, c.At)...)
		}
		slices.Sort(got)
		sorted := slices.Sorted(slices.Values(want))
		if got = slices.Compact(got); !slices.Equal(got, sorted) {
			t.Fatalf("forecast\n%v\nbut\n%v", sorted, got)
		}
		for _, r := range resources {
			if next := schedule.StepAt(schedule.EndingOf(r, zone).Rungs(), r.Reached, now.AddDate(1, 0, 0)); next.Due != nil {
				t.Fatalf("%s has %s, which was not forecast", r.Name, next.Due.Name)
			}
		}
	})
}

func message(at time.Time, kind string, resources []models.Resource) string {
	names := []string{}
	for _, r := range resources {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return fmt.Sprint(at.UTC().Format(time.RFC3339), " ", kind, " ", names)
}

// send deals with all that is due at the instant, and tells what it said.
func send(resources []models.Resource, zone *time.Location, at time.Time) []string {
	groups := map[string][]models.Resource{}
	for i := range resources {
		r := &resources[i]
		if due := schedule.StepAt(schedule.EndingOf(*r, zone).Rungs(), r.Reached, at).Due; due != nil {
			r.Reached = due.Rank
			groups[due.Type] = append(groups[due.Type], *r)
		}
	}
	var said []string
	for kind, list := range groups {
		said = append(said, message(at, kind, list))
	}
	return said
}

// BenchmarkForecast is an account with a thousand resources.
func BenchmarkForecast(b *testing.B) {
	zone := schedule.Zone("Asia/Shanghai")
	resources := make([]models.Resource, 1000)
	for i := range resources {
		w := schedule.Wish{Name: fmt.Sprint("db-", i), State: models.ResourceActive, Expires: noon.Add(time.Duration(40*24+8*i) * time.Hour)}
		resources[i] = w.New(models.Resource{ID: fmt.Sprint("rsc_", i), AccountID: "acc_1"}, zone, noon)
	}
	b.ReportAllocs()
	for b.Loop() {
		schedule.Forecast(resources, zone, noon)
	}
}
