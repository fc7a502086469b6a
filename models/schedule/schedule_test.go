package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func plain() schedule.Retry {
	return schedule.Retry{
		Delays: []time.Duration{time.Second, 5 * time.Second, time.Minute}, DefaultWait: 30 * time.Second, UnknownCodes: 3,
	}
}

func after(outcome string, rounds int) schedule.Failure {
	return schedule.Failure{
		Outcome: outcome, Reason: "why", At: noon, Deadline: noon.Add(time.Hour), Rounds: rounds, Repeatable: true, Key: "dlv_1",
	}
}

func waits(d time.Duration, reason string) schedule.Verdict {
	return schedule.Verdict{State: models.DeliveryPending, Reason: reason, NextAt: noon.Add(d)}
}

func fails(reason string) schedule.Verdict {
	return schedule.Verdict{State: models.DeliveryFailed, Reason: reason}
}

func TestVerdictFollowsTheOutcome(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		failure schedule.Failure
		change  func(*schedule.Failure)
		want    schedule.Verdict
	}{
		"first retry":               {after(models.OutcomeRetry, 1), nil, waits(time.Second, "why")},
		"second retry":              {after(models.OutcomeRetry, 2), nil, waits(5*time.Second, "why")},
		"last retry":                {after(models.OutcomeRetry, 3), nil, waits(time.Minute, "why")},
		"schedule used up":          {after(models.OutcomeRetry, 4), nil, fails(models.ReasonExhausted)},
		"permanent stops at once":   {after(models.OutcomePermanent, 0), nil, fails("why")},
		"misconfigured waits":       {after(models.OutcomeMisconfigured, 0), nil, waits(0, models.ReasonSuspended)},
		"ambiguous, repeatable":     {after(models.OutcomeAmbiguous, 1), nil, waits(time.Second, models.ReasonUnknown)},
		"unknown, repeatable":       {after(models.OutcomeUnknown, 2), nil, waits(5*time.Second, models.ReasonUnknown)},
		"rate limit without a wait": {after(models.OutcomeRateLimited, 0), nil, waits(30*time.Second, models.ReasonRateLimited)},
		"an outcome nobody knows":   {after("odd", 0), nil, fails(models.ReasonInternal)},
		"ambiguous, not repeatable": {
			after(models.OutcomeAmbiguous, 1), func(f *schedule.Failure) { f.Repeatable = false }, fails(models.ReasonUnknown),
		},
		"rate limit with a wait": {
			after(models.OutcomeRateLimited, 0), func(f *schedule.Failure) { f.Wait = 7 * time.Second },
			waits(7*time.Second, models.ReasonRateLimited),
		},
		"rate limit beyond the deadline": {
			after(models.OutcomeRateLimited, 0), func(f *schedule.Failure) { f.Wait = time.Hour }, fails(models.ReasonRateLimited),
		},
		"retry with a longer wait from the provider": {
			after(models.OutcomeRetry, 1), func(f *schedule.Failure) { f.Wait = 20 * time.Second }, waits(20*time.Second, "why"),
		},
		"retry beyond the deadline": {
			after(models.OutcomeRetry, 1), func(f *schedule.Failure) { f.Deadline = noon.Add(time.Second) }, fails(models.ReasonExpired),
		},
		"unknown code, second": {
			after(models.OutcomeRetry, 2), func(f *schedule.Failure) { f.Reason = models.ReasonUnknownCode },
			waits(5*time.Second, models.ReasonUnknownCode),
		},
		"unknown code, third": {
			after(models.OutcomeRetry, 3), func(f *schedule.Failure) { f.Reason = models.ReasonUnknownCode },
			fails(models.ReasonUnknownCode),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.change != nil {
				c.change(&c.failure)
			}
			assert.Equal(t, c.want, plain().After(c.failure))
		})
	}
}

func TestExpiryIsSuppressedOnlyWhenNothingWasTried(t *testing.T) {
	t.Parallel()
	assert.Equal(t, models.DeliverySuppressed, schedule.Expire(0, "").State)
	assert.Equal(t, fails(models.ReasonExpired), schedule.Expire(1, "timeout"))
	assert.Equal(t, fails(models.ReasonSuspended), schedule.Expire(1, models.ReasonSuspended))
}

func TestChecksGrowUpToTheMost(t *testing.T) {
	t.Parallel()
	first, most, end := 30*time.Second, 5*time.Minute, noon.Add(time.Hour)
	for elapsed, want := range map[time.Duration]time.Duration{
		-time.Minute: first, 0: first, time.Minute: time.Minute, time.Hour / 4: most, time.Hour - time.Minute: time.Minute,
	} {
		now := noon.Add(elapsed)
		assert.Equal(t, want, schedule.Check(now, noon, end, first, most).Sub(now), "after %s", elapsed)
	}
}

func TestVerdictKeepsItsBoundsForAnyFailure(t *testing.T) {
	t.Parallel()
	outcomes := []string{
		models.OutcomeRetry, models.OutcomeRateLimited, models.OutcomePermanent, models.OutcomeMisconfigured,
		models.OutcomeAmbiguous, models.OutcomeUnknown, "",
	}
	rapid.Check(t, func(t *rapid.T) {
		r := plain()
		r.Jitter = rapid.Float64Range(-1, 2).Draw(t, "jitter")
		f := after(rapid.SampledFrom(outcomes).Draw(t, "outcome"), rapid.IntRange(0, 9).Draw(t, "rounds"))
		f.Wait = time.Duration(rapid.Int64().Draw(t, "wait"))
		f.Deadline = noon.Add(time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "deadline")))
		f.Repeatable = rapid.Bool().Draw(t, "repeatable")
		v := r.After(f)
		if v != r.After(f) {
			t.Fatalf("the same failure has two verdicts")
		}
		switch v.State {
		case models.DeliveryFailed:
			if v.Reason == "" || !v.NextAt.IsZero() {
				t.Fatalf("a failure needs a reason and no next time: %+v", v)
			}
		case models.DeliveryPending:
			if v.NextAt.Before(noon) || !v.NextAt.Before(f.Deadline) {
				t.Fatalf("next attempt at %s, outside [now, deadline %s)", v.NextAt, f.Deadline)
			}
			if f.Outcome == models.OutcomeRateLimited && v.NextAt.Before(noon.Add(f.Wait)) {
				t.Fatalf("earlier than the provider asked: %s after %s", v.NextAt, f.Wait)
			}
		default:
			t.Fatalf("unexpected state %s", v.State)
		}
	})
}

func FuzzSpread(f *testing.F) {
	f.Add(int64(time.Second), "dlv_1", 1, 0.2)
	f.Add(int64(1)<<62, "", -1, 1.0)
	f.Add(int64(-5), "x", 0, -3.0)
	f.Fuzz(func(t *testing.T, delay int64, key string, round int, jitter float64) {
		r := schedule.Retry{Jitter: jitter}
		d := time.Duration(delay)
		got := r.Spread(d, key, round)
		if got != r.Spread(d, key, round) {
			t.Fatal("not deterministic")
		}
		if delay <= 0 && got != 0 {
			t.Fatalf("Spread(%s) = %s, want 0", d, got)
		}
		if delay > 0 && (got < d || (d < 1<<61 && got > 2*d)) {
			t.Fatalf("Spread(%s) = %s, outside [1, 2] times the delay", d, got)
		}
	})
}

func TestJitterDiffersBetweenDeliveries(t *testing.T) {
	t.Parallel()
	r := schedule.Retry{Jitter: 1}
	seen := map[time.Duration]bool{}
	for _, key := range []string{"dlv_1", "dlv_2", "dlv_3", "dlv_4"} {
		seen[r.Spread(time.Hour, key, 1).Round(time.Minute)] = true
	}
	assert.Greater(t, len(seen), 2, "retries of many deliveries must not come at once")
}

func TestRateLimitsInARowAreWaitedForLongerAndLonger(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		limits     int
		wait, life time.Duration
		want       time.Duration
	}{
		{1, time.Second, time.Hour, time.Second},
		{4, time.Second, time.Hour, 8 * time.Second},
		{4, time.Minute, time.Hour, time.Minute},
		{10, time.Second, time.Hour, 512 * time.Second},
		{1000, time.Second, time.Hour, 10 * time.Minute},
		{1000, time.Second, time.Minute, 30 * time.Second},
		{1000, 45 * time.Second, time.Minute, 45 * time.Second},
	} {
		v := schedule.Retry{}.After(schedule.Failure{
			Outcome: models.OutcomeRateLimited, Limits: c.limits, Wait: c.wait, At: at, Deadline: at.Add(c.life),
		})
		if got := v.NextAt.Sub(at); got != c.want {
			t.Errorf("After() = %s for %+v, want %s", got, c, c.want)
		}
	}
}
