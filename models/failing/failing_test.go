package failing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/failing"
)

var (
	now    = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	limits = failing.Limits{First: 10 * time.Minute, Second: 24 * time.Hour, Dead: 48 * time.Hour}
)

// failed is a bot that failed so often, first and last so long before now.
func failed(times int, first, last time.Duration) models.DestinationState {
	since, latest := now.Add(-first), now.Add(-last)
	return models.DestinationState{Failures: times, FailingSince: &since, LastFailureAt: &latest}
}

func TestStagesOfABotThatTakesNothing(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	for name, c := range map[string]struct {
		state models.DestinationState
		want  failing.Stage
	}{
		"never failed before":            {models.DestinationState{}, failing.None},
		"twice in ten minutes":           {failed(1, 10*time.Minute, time.Minute), failing.None},
		"three times in less":            {failed(2, 10*time.Minute-1, time.Minute), failing.None},
		"three times in ten minutes":     {failed(2, 10*time.Minute, time.Minute), failing.First},
		"nearly a day":                   {failed(9, day-1, hour), failing.First},
		"a day":                          {failed(9, day, hour), failing.Second},
		"nearly two days":                {failed(9, 2*day-1, hour), failing.Second},
		"two days":                       {failed(9, 2*day, hour), failing.Dead},
		"two days, but seldom tried":     {failed(1, 2*day, day), failing.None},
		"a week, then not for a day":     {failed(9, 7*day, day), failing.Dead},
		"a week, then longer than a day": {failed(9, 7*day, day+1), failing.None},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, limits.Stage(c.state, now))
		})
	}
}

func TestFailuresBeginAnewWhereNobodyTriedForADay(t *testing.T) {
	t.Parallel()
	assert.Equal(t, now.Add(-time.Hour), failing.Since(failed(3, time.Hour, time.Minute), now))
	assert.Equal(t, now, failing.Since(failed(3, 72*time.Hour, 25*time.Hour), now))
	assert.Equal(t, now, failing.Since(models.DestinationState{Failures: 3}, now), "a row of an earlier release")
}
