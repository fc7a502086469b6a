package routing

import (
	"cmp"
	"slices"
	"time"

	"belfry.dev/belfry/models"
)

// Candidate is one provider that could carry a delivery, with what all workers
// know about the destination that it stands for.
type Candidate struct {
	ProviderID string
	State      models.DestinationState
}

// Choice is what Choose found: a provider to try now, or how long to wait.
type Choice struct {
	// Index is the candidate to try now; -1 means wait.
	Index int
	// Until is when the first pause ends; zero when no pause is the cause.
	Until time.Time
	// Suspended says that every candidate waits for a person.
	Suspended bool
}

// Choose picks the provider for the next attempt of a delivery: of those that
// are neither suspended nor paused the one that failed it least, the earliest
// in order among equals. That makes providers take turns. No candidate at all
// counts as suspended: an operator must configure one.
func Choose(candidates []Candidate, attempts []models.Attempt, now time.Time) Choice {
	best, until, suspended := -1, time.Time{}, 0
	for i, c := range candidates {
		switch {
		case c.State.SuspendedAt != nil:
			suspended++
		case c.State.PausedUntil != nil && c.State.PausedUntil.After(now):
			until = earliest(until, *c.State.PausedUntil)
		case best < 0 || Failures(attempts, c.ProviderID) < Failures(attempts, candidates[best].ProviderID):
			best = i
		}
	}
	if best >= 0 {
		return Choice{Index: best}
	}
	return Choice{Index: -1, Until: until, Suspended: suspended == len(candidates)}
}

// Failures counts the attempts over the provider that used up the retry budget.
// Waits for frequency and repairs do not.
func Failures(attempts []models.Attempt, providerID string) int {
	n := 0
	for _, a := range attempts {
		if a.ProviderID == providerID && spends(a.Outcome) {
			n++
		}
	}
	return n
}

// Rounds counts the rounds that failed: the failures of the provider that failed
// the delivery most often. One round tries each provider once.
func Rounds(attempts []models.Attempt) int {
	failures := map[string]int{}
	most := 0
	for _, a := range attempts {
		if spends(a.Outcome) {
			failures[a.ProviderID]++
			most = max(most, failures[a.ProviderID])
		}
	}
	return most
}

// Limits counts the rate limits that the newest attempts ended with in a row.
func Limits(attempts []models.Attempt) int {
	n := 0
	for _, a := range slices.Backward(attempts) {
		if a.Outcome != models.OutcomeRateLimited {
			break
		}
		n++
	}
	return n
}

// CanFailOver reports whether another provider may try at once after the
// outcome. Never after the recipient or the content was refused, and never
// while the first provider may have sent it.
func CanFailOver(outcome string) bool {
	return slices.Contains([]string{
		models.OutcomeRetry, models.OutcomeRateLimited, models.OutcomeMisconfigured,
	}, outcome)
}

// spends reports whether an attempt with the outcome counts against the budget.
func spends(outcome string) bool {
	return slices.Contains([]string{
		models.OutcomeRetry, models.OutcomeAmbiguous, models.OutcomeUnknown,
	}, outcome)
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// ByPosition sorts providers as they are tried: by position, then by id.
func ByPosition(providers []models.Provider) {
	slices.SortFunc(providers, func(a, b models.Provider) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
}
