package sinks

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// mood is how a sink treats its callers for some seconds.
type mood string

// Moods.
const (
	calm   mood = "calm"
	refuse mood = "refused"   // it does not work just now
	limit  mood = "limited"   // too many, come back later
	hang   mood = "hung"      // no answer; half of the messages are taken all the same
	lie    mood = "lied"      // the answer looks like success, and the body says otherwise
	breaks mood = "broke off" // the connection ends before the answer; half are taken
)

// moods are drawn from; calm stands there as often as all others together.
var moods = [...]mood{refuse, limit, hang, lie, breaks, calm, calm, calm, calm, calm}

// How long a mood lasts, and how many calls it spares.
const (
	shortest = time.Second
	longest  = 3 * time.Second
	spared   = 3 // one in so many
	// hanging is longer than a worker of a drill waits.
	hanging = 5 * time.Second
)

// weather is the mood of each sink.
type weather struct {
	now func() time.Time

	mu       sync.Mutex
	dice     *rand.Rand
	stormy   bool
	released chan struct{} // closed when the storm ends
	moods    map[string]mood
	until    map[string]time.Time
	counts   map[string]int
}

func newWeather(seed uint64, now func() time.Time) *weather {
	over := make(chan struct{})
	close(over)
	return &weather{
		now: now, dice: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // repeatable on purpose
		released: over, moods: map[string]mood{}, until: map[string]time.Time{}, counts: map[string]int{},
	}
}

func (w *weather) storm(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case on && !w.stormy:
		w.released = make(chan struct{})
	case !on && w.stormy:
		close(w.released)
	}
	w.stormy = on
}

// treat says how the channel's sink treats the next call, and whether it takes the
// message where the mood leaves that open.
func (w *weather) treat(channel string) (how mood, takes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stormy {
		return calm, true
	}
	if now := w.now(); !now.Before(w.until[channel]) {
		w.moods[channel] = moods[w.dice.IntN(len(moods))]
		w.until[channel] = now.Add(shortest + time.Duration(w.dice.Int64N(int64(longest-shortest))))
	}
	how = w.moods[channel]
	if how == calm || w.dice.IntN(spared) == 0 {
		return calm, true
	}
	w.counts[string(how)]++
	return how, w.dice.IntN(2) == 0
}

// wait hangs until the storm ends, the caller leaves, or it has been long enough.
func (w *weather) wait(ctx context.Context) {
	w.mu.Lock()
	released := w.released
	w.mu.Unlock()
	timer := time.NewTimer(hanging)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-released:
	}
}

func (w *weather) misdeeds() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}
