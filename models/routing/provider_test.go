package routing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func candidate(id string, change func(*models.DestinationState)) routing.Candidate {
	c := routing.Candidate{ProviderID: id, State: models.DestinationState{Destination: "provider:" + id}}
	if change != nil {
		change(&c.State)
	}
	return c
}

func paused(until time.Time) func(*models.DestinationState) {
	return func(s *models.DestinationState) { s.PausedUntil = &until }
}

func suspended(s *models.DestinationState) { s.SuspendedAt = &noon }

func attempts(pairs ...string) []models.Attempt {
	var out []models.Attempt
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, models.Attempt{Number: i/2 + 1, ProviderID: pairs[i], Outcome: pairs[i+1]})
	}
	return out
}

func TestChooseTakesTheProviderThatFailedLeast(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		candidates []routing.Candidate
		attempts   []models.Attempt
		want       routing.Choice
	}{
		"first in order at first": {
			[]routing.Candidate{candidate("a", nil), candidate("b", nil)}, nil, routing.Choice{Index: 0},
		},
		"the other after a failure": {
			[]routing.Candidate{candidate("a", nil), candidate("b", nil)}, attempts("a", "retry"), routing.Choice{Index: 1},
		},
		"the first again when both failed": {
			[]routing.Candidate{candidate("a", nil), candidate("b", nil)},
			attempts("a", "retry", "b", "ambiguous"),
			routing.Choice{Index: 0},
		},
		"rate limits do not count as failures": {
			[]routing.Candidate{candidate("a", nil), candidate("b", nil)},
			attempts("a", "rate_limited", "a", "misconfigured"),
			routing.Choice{Index: 0},
		},
		"not the suspended one": {
			[]routing.Candidate{candidate("a", suspended), candidate("b", nil)}, nil, routing.Choice{Index: 1},
		},
		"not the paused one": {
			[]routing.Candidate{candidate("a", paused(noon.Add(time.Second))), candidate("b", nil)}, nil, routing.Choice{Index: 1},
		},
		"a pause that is over does not matter": {
			[]routing.Candidate{candidate("a", paused(noon))}, nil, routing.Choice{Index: 0},
		},
		"all suspended": {
			[]routing.Candidate{candidate("a", suspended)}, nil, routing.Choice{Index: -1, Suspended: true},
		},
		"none at all waits for the operator": {nil, nil, routing.Choice{Index: -1, Suspended: true}},
		"the shortest pause": {
			[]routing.Candidate{
				candidate("a", paused(noon.Add(9*time.Second))), candidate("b", suspended),
				candidate("c", paused(noon.Add(4*time.Second))),
			}, nil, routing.Choice{Index: -1, Until: noon.Add(4 * time.Second)},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, routing.Choose(c.candidates, c.attempts, noon))
		})
	}
}

func TestRoundsCountTheMostTriedProvider(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 0, routing.Rounds(nil))
	assert.Equal(t, 0, routing.Rounds(attempts("a", "rate_limited", "a", "")))
	assert.Equal(t, 1, routing.Rounds(attempts("a", "retry", "b", "retry")))
	assert.Equal(t, 2, routing.Rounds(attempts("a", "retry", "b", "retry", "a", "unknown")))
}

func TestOnlyAFailureOfTheProviderFailsOver(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]bool{
		models.OutcomeRetry: true, models.OutcomeRateLimited: true, models.OutcomeMisconfigured: true,
		models.OutcomePermanent: false, models.OutcomeAmbiguous: false, models.OutcomeUnknown: false,
		models.OutcomeDelivered: false, models.OutcomeAccepted: false,
	} {
		assert.Equal(t, want, routing.CanFailOver(outcome), outcome)
	}
}

func TestProvidersAreTriedByPosition(t *testing.T) {
	t.Parallel()
	list := []models.Provider{{ID: "c", Position: 2}, {ID: "b", Position: 1}, {ID: "a", Position: 2}}
	routing.ByPosition(list)
	assert.Equal(t, []string{"b", "a", "c"}, []string{list[0].ID, list[1].ID, list[2].ID})
}
