package pacing_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"belfry.dev/belfry/models/pacing"
)

var twenty = pacing.Rate{Windows: []pacing.Window{{Length: time.Minute, Most: 20}}}

// quick answers in 0.08 to 0.4 s, one in twenty in 2 to 12 s.
func quick(r *rand.Rand) time.Duration {
	if r.IntN(20) == 0 {
		return 2*time.Second + time.Duration(r.Int64N(int64(10*time.Second)))
	}
	return 80*time.Millisecond + time.Duration(r.Int64N(int64(320*time.Millisecond)))
}

func atOnce(*rand.Rand) time.Duration { return time.Millisecond }

// events are n deliveries within a time, one in twenty of them critical.
func events(r *rand.Rand, n int, within time.Duration) []*event {
	all := make([]*event, n)
	for i := range all {
		all[i] = &event{id: i, at: at.Add(time.Duration(r.Int64N(int64(within) + 1))), critical: r.IntN(20) == 0, full: 180 + r.IntN(241), short: 80 + r.IntN(61)}
	}
	return all
}

func percentile(all []time.Duration, p int) float64 {
	slices.Sort(all)
	if len(all) == 0 {
		return 0
	}
	return all[(len(all)-1)*p/100].Seconds()
}

// TestTheSimulationsFiguresAreThoseOfTheRule: 500 deliveries to a bot that takes 20 a minute and
// blocks for ten minutes otherwise; the medians of 100 runs.
func TestTheSimulationsFiguresAreThoseOfTheRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		within             time.Duration
		size               int
		kill               bool
		least, most        int
		p50, p95, critical float64
	}{
		{name: "at once, 20,000 bytes", size: 20000, least: 3, most: 6, p50: 0.8, p95: 1.2, critical: 1},
		{name: "at once, 20,000 bytes, kill", size: 20000, kill: true, least: 3, most: 7, p50: 20.8, p95: 21.5, critical: 21},
		{name: "at once, 4,096 bytes, kill", size: 4096, kill: true, least: 14, most: 19, p50: 38, p95: 60, critical: 21},
		{name: "over 60 s, 4,096 bytes", within: time.Minute, size: 4096, least: 16, most: 32, p50: 3.5, p95: 13, critical: 8},
		{name: "over 60 s, 4,096 bytes, kill", within: time.Minute, size: 4096, kill: true, least: 14, most: 32, p50: 10.5, p95: 25, critical: 22.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p50, p95, critical []time.Duration
			for seed := range uint64(100) {
				r := rand.New(rand.NewPCG(seed, 7))
				s := scene{pace: twenty, size: c.size, latency: quick, start: atOnce, onlyOnce: true}
				if c.kill {
					s.kills = 1
				}
				o := s.run(r, events(r, 500, c.within))
				require.Zero(t, o.refused, "seed %d", seed)
				require.Zero(t, o.lost, "seed %d", seed)
				require.LessOrEqual(t, o.most, 20)
				require.Len(t, o.all, 500)
				require.GreaterOrEqual(t, o.messages, c.least)
				require.LessOrEqual(t, o.messages, c.most)
				require.LessOrEqual(t, o.writes, 3*o.messages, "P7")
				if !c.kill {
					require.Zero(t, o.twice)
				}
				p50 = append(p50, time.Duration(percentile(o.all, 50)*1e9))
				p95 = append(p95, time.Duration(percentile(o.all, 95)*1e9))
				critical = append(critical, time.Duration(percentile(o.critical, 95)*1e9))
			}
			t.Logf("p50 %.1f p95 %.1f critical p95 %.1f", percentile(p50, 50), percentile(p95, 50), percentile(critical, 50))
			assert.LessOrEqual(t, percentile(p50, 50), c.p50, "p50")
			assert.LessOrEqual(t, percentile(p95, 50), c.p95, "p95")
			assert.LessOrEqual(t, percentile(critical, 50), c.critical, "critical p95")
		})
	}
}

// TestNoWindowHoldsMoreThanItTakes: P1, P2, P3, P5 and P7, with calls of up to 15 s that begin up
// to 5 s after their slot, and workers that die anywhere.
func TestNoWindowHoldsMoreThanItTakes(t *testing.T) {
	t.Parallel()
	paces := []pacing.Rate{
		twenty,
		{Windows: []pacing.Window{{time.Second, 1}}},
		{Windows: []pacing.Window{{time.Second, 5}, {time.Minute, 100}}},
		{Windows: []pacing.Window{{time.Minute, 3}}},
		twenty.Lowered(7),
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		s := scene{
			pace: rapid.SampledFrom(paces).Draw(t, "pace"), size: rapid.IntRange(600, 20000).Draw(t, "size"), kills: rapid.Float64Range(0, 0.3).Draw(t, "kills"),
			latency: func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(15 * time.Second))) },
			start:   func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(pacing.Startable))) },
		}
		all := events(r, rapid.IntRange(1, 120).Draw(t, "events"), 3*time.Minute)
		n := len(all)
		o := s.run(r, all)
		if o.refused > 0 {
			t.Fatalf("P1, P5: %d were refused", o.refused)
		}
		if len(o.all) != n || o.lost > 0 {
			t.Fatalf("P2, P3: %d of %d arrived", len(o.all), n)
		}
		if o.writes > 3*o.messages {
			t.Fatalf("P7: %d writes for %d messages", o.writes, o.messages)
		}
		if s.kills == 0 && o.twice > 0 {
			t.Fatalf("P3: %d came twice", o.twice)
		}
	})
}

// take takes slots until the limit says no, each answered at once.
func take(l pacing.Limit, now time.Time, urgent bool) (pacing.Limit, int) {
	for n := 0; ; n++ {
		next, until := twenty.Take(l, now, urgent)
		if !until.IsZero() {
			return l, n
		}
		l = next.Answered(now, now)
		now = now.Add(time.Millisecond)
	}
}

// TestPAC3ACriticalOneHasTheLastSlots: with 18 taken it goes before the window ends.
func TestPAC3ACriticalOneHasTheLastSlots(t *testing.T) {
	t.Parallel()
	var l pacing.Limit
	now := at
	for range 18 {
		l.Slots = append(l.Slots, pacing.Slot{TakenAt: now, AnsweredAt: now})
		now = now.Add(time.Second)
	}
	_, plain := twenty.Take(l, now, false)
	assert.Equal(t, at.Add(61*time.Second), plain, "a plain one waits for the first slot")
	_, urgent := twenty.Take(l, now, true)
	assert.Less(t, urgent.Sub(now), 15*time.Second)
	_, taken := twenty.Take(l, urgent, true)
	assert.Zero(t, taken)
}

// TestPAC4ARefusalTeaches: closed for what was asked; four of twenty less for a day.
func TestPAC4ARefusalTeaches(t *testing.T) {
	t.Parallel()
	w := twenty.Windows[0]
	l := twenty.Refused(pacing.Limit{}, at, 30*time.Second)
	_, until := twenty.Take(l, at, true)
	assert.Equal(t, at.Add(30*time.Second), until)
	assert.Equal(t, 16, l.Most(w, at))
	assert.Equal(t, 16, l.Most(w, at.Add(24*time.Hour)))
	assert.Equal(t, 18, l.Most(w, at.Add(26*time.Hour)))
	assert.Equal(t, 20, l.Most(w, at.Add(90*time.Hour)))
	again := twenty.Refused(l, at.Add(time.Hour), time.Minute)
	assert.Equal(t, 12, again.Most(w, at.Add(time.Hour)))
	for range 50 {
		again = twenty.Refused(again, at.Add(time.Hour), time.Minute)
	}
	assert.Equal(t, 1, again.Most(w, at.Add(time.Hour)))

	penal := twenty
	penal.Penalty = 10 * time.Minute
	l = penal.Refused(penal.Refused(pacing.Limit{}, at, time.Minute), at.Add(10*time.Minute), time.Minute)
	assert.Equal(t, at.Add(20*time.Minute), l.ClosedUntil, "twice within a quarter of an hour")
}

// TestPAC5ASlotOfADeadWorkerIsFreeAfter80Seconds: P6.
func TestPAC5ASlotOfADeadWorkerIsFreeAfter80Seconds(t *testing.T) {
	t.Parallel()
	one := pacing.Rate{Windows: []pacing.Window{{time.Minute, 1}}}
	l, until := one.Take(pacing.Limit{}, at, false)
	require.Zero(t, until)
	_, until = one.Take(l, at.Add(30*time.Second), true)
	assert.Equal(t, at.Add(80*time.Second), until)
	l, until = one.Take(l, until, false)
	assert.Zero(t, until)
	assert.Len(t, l.Slots, 1)
}

func TestOneCallAtATime(t *testing.T) {
	t.Parallel()
	l, _ := twenty.Take(pacing.Limit{}, at, false)
	_, until := twenty.Take(l, at.Add(time.Second), false)
	assert.Equal(t, at.Add(2*time.Second), until, "it asks again")
	_, until = twenty.Take(l, at.Add(time.Second), true)
	assert.NotZero(t, until, "a critical one, too")
	l, until = twenty.Take(l, at.Add(6*time.Second), true)
	assert.Zero(t, until, "but not behind a call that hangs")
	_, until = twenty.Take(l, at.Add(12*time.Second), true)
	assert.NotZero(t, until)
	_, until = twenty.Take(l, at.Add(19900*time.Millisecond), false)
	assert.Equal(t, at.Add(20*time.Second), until)
}

func TestOwnersOnlyLowerAndOperatorsReplace(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 20, twenty.PerMinute())
	assert.Equal(t, 7, twenty.Lowered(7).PerMinute())
	assert.Equal(t, 20, twenty.Lowered(0).PerMinute())
	assert.Equal(t, 20, twenty.Lowered(300).PerMinute())
	assert.Equal(t, 300, twenty.Replaced(300).PerMinute())
	assert.Equal(t, 60, pacing.Rate{Windows: []pacing.Window{{time.Second, 1}}}.PerMinute())
	assert.False(t, pacing.Rate{}.Lowered(5).Limited(), "what has no limit has none")
	assert.Len(t, twenty.Windows, 1)
	_, n := take(pacing.Limit{}, at, false)
	assert.Equal(t, 5, n, "a quarter at once, the rest is spread")
	_, n = take(pacing.Limit{}, at, true)
	assert.Equal(t, 10, n)
}
