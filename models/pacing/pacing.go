// Package pacing says when a bot may be called: slots in sliding windows, one call at a time.
// It is pure; who keeps a Limit, and writes it by compare and set, is its caller.
//
// A slot is taken before the call and is free again a window after the answer: the request
// reached the platform in between, so that no window there holds more than were taken. A
// bucket of tokens does not keep that: what is left of it and what it gains both pass in one
// window.
package pacing

import (
	"math"
	"slices"
	"time"
)

// Window bounds calls: at most Most in any time of this length.
type Window struct {
	Length time.Duration
	Most   int
}

// Rate is how often a platform takes messages for one credential. The zero value takes any number.
type Rate struct {
	Windows []Window
	// By names the settings and secrets that make up the credential; nil stands for "url".
	By []string
	// Penalty is for how long the platform stays shut after it refused twice in a quarter of
	// an hour; zero for no longer than it says.
	Penalty time.Duration
}

// Limited reports whether there is a bound.
func (p Rate) Limited() bool { return len(p.Windows) > 0 }

// PerMinute is the most that pass in a minute; 0 for any number.
func (p Rate) PerMinute() int {
	most := 0
	for _, w := range p.Windows {
		n := w.Most
		if w.Length < time.Minute {
			n = int(time.Minute/w.Length) * w.Most
		}
		if most == 0 || n < most {
			most = n
		}
	}
	return most
}

// Lowered is the pace with a further bound of one minute; 0 changes nothing.
func (p Rate) Lowered(perMinute int) Rate {
	if perMinute > 0 && p.Limited() {
		p.Windows = append(slices.Clone(p.Windows), Window{time.Minute, perMinute})
	}
	return p
}

// Replaced is the pace of a platform whose operator knows another bound of one minute; 0
// changes nothing.
func (p Rate) Replaced(perMinute int) Rate {
	if perMinute > 0 && p.Limited() {
		p.Windows = slices.DeleteFunc(slices.Clone(p.Windows), func(w Window) bool { return w.Length >= time.Minute })
		p = Rate{Windows: append(p.Windows, Window{time.Minute, perMinute}), By: p.By, Penalty: p.Penalty}
	}
	return p
}

// Durations of a call. Source: a call begins within 5 s of its slot, or not at all, and is
// given 15 s.
const (
	// Startable is how long after taking a slot its call may begin.
	Startable = 5 * time.Second
	// Lost is when a call without an answer is held for over.
	Lost = 20 * time.Second
	// margin is for clocks, and for requests that reach the platform after its answer was given up.
	margin = time.Second
)

// What refusals teach.
const (
	cut       = 0.8 // what is left of the windows
	learntFor = 24 * time.Hour
	regained  = time.Hour // for each call more after that
	twice     = 15 * time.Minute
)

// Slot is one call.
type Slot struct {
	TakenAt time.Time `json:"taken_at"`
	// AnsweredAt is zero while the call is under way, and stays so when its worker died.
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

func (s Slot) freeAt(w Window) time.Time {
	if s.AnsweredAt.IsZero() {
		return s.TakenAt.Add(Lost + w.Length)
	}
	return s.AnsweredAt.Add(w.Length + margin)
}

// Limit is what is known of one credential.
type Limit struct {
	// Slots are those that are not free yet, the oldest first.
	Slots []Slot `json:"slots,omitempty"`
	// ClosedUntil is when a refusal ends.
	ClosedUntil time.Time `json:"closed_until,omitzero"`
	RefusedAt   time.Time `json:"refused_at,omitzero"`
	// Share is what refusals left of the windows, until LearntUntil; then it grows by one call
	// an hour. 0 stands for all.
	Share       float64   `json:"share,omitempty"`
	LearntUntil time.Time `json:"learnt_until,omitzero"`
}

// Most is how many calls the window takes now.
func (l Limit) Most(w Window, now time.Time) int {
	if l.Share == 0 {
		return w.Most
	}
	n := max(1, int(math.Floor(float64(w.Most)*l.Share+1e-9)))
	if now.After(l.LearntUntil) {
		n += int(now.Sub(l.LearntUntil) / regained)
	}
	return min(n, w.Most)
}

// Take takes a slot, or says when to ask again; zero says that it was taken. Urgent calls may
// have the last tenth of a window, wait for less, and begin beside one that hangs.
func (p Rate) Take(l Limit, now time.Time, urgent bool) (Limit, time.Time) {
	l.Slots = slices.DeleteFunc(slices.Clone(l.Slots), func(s Slot) bool { return p.free(s, now) })
	if l.ClosedUntil.After(now) {
		return l, l.ClosedUntil
	}
	until := l.underWay(now, urgent)
	for _, w := range p.Windows {
		if at := l.next(w, now, urgent); at.After(until) {
			until = at
		}
	}
	if until.After(now) {
		return l, until
	}
	l.Slots = append(l.Slots, Slot{TakenAt: now})
	return l, time.Time{}
}

// free reports whether the slot counts in no window any more.
func (p Rate) free(s Slot, now time.Time) bool {
	return !slices.ContainsFunc(p.Windows, func(w Window) bool { return s.freeAt(w).After(now) })
}

// Waits between looks at a call that is under way.
const (
	soon = 250 * time.Millisecond
	late = 2 * time.Second
)

// underWay is when to ask again while another call is under way; zero when none is in the way.
func (l Limit) underWay(now time.Time, urgent bool) time.Time {
	var open []Slot
	for _, s := range l.Slots {
		if s.AnsweredAt.IsZero() && s.TakenAt.Add(Lost).After(now) {
			open = append(open, s)
		}
	}
	if len(open) == 0 || urgent && len(open) == 1 && now.Sub(open[0].TakenAt) > Startable {
		return time.Time{}
	}
	wait := min(max(now.Sub(open[len(open)-1].TakenAt), soon), late)
	if over := open[0].TakenAt.Add(Lost); over.Before(now.Add(wait)) {
		return over
	}
	return now.Add(wait)
}

// next is when the window has a slot for the call; not after now when it has one.
func (l Limit) next(w Window, now time.Time, urgent bool) time.Time {
	var frees []time.Time
	var last time.Time
	for _, s := range l.Slots {
		if at := s.freeAt(w); at.After(now) {
			frees, last = append(frees, at), s.TakenAt
		}
	}
	slices.SortFunc(frees, time.Time.Compare)
	n, taken := l.Most(w, now), len(frees)
	free := n - taken
	if n >= 5 && !urgent {
		free -= max(1, n/10)
	}
	if free < 1 {
		return frees[min(-free, taken-1)]
	}
	begin, share := n/4, 1.0
	if urgent {
		begin, share = n/2, 0.6
	}
	if taken < begin || taken == 0 {
		return time.Time{}
	}
	spread := float64(frees[0].Sub(now)) / float64(n-taken) * share // what is left of the window, over what is left of it
	return last.Add(time.Duration(spread))
}

// Answered reports the answer to the call that took its slot then.
func (l Limit) Answered(taken, now time.Time) Limit {
	l.Slots = slices.Clone(l.Slots)
	for i := range l.Slots {
		if l.Slots[i].TakenAt.Equal(taken) {
			l.Slots[i].AnsweredAt = now
		}
	}
	return l
}

// Refused closes the limit for what the platform asked, and learns from it.
func (p Rate) Refused(l Limit, now time.Time, wait time.Duration) Limit {
	if !l.RefusedAt.IsZero() && now.Sub(l.RefusedAt) < twice {
		wait = max(wait, p.Penalty)
	}
	if until := now.Add(wait); until.After(l.ClosedUntil) {
		l.ClosedUntil = until
	}
	if p.Limited() {
		w := slices.MaxFunc(p.Windows, func(a, b Window) int { return a.Most - b.Most })
		l.Share = cut * float64(l.Most(w, now)) / float64(w.Most)
	}
	l.RefusedAt, l.LearntUntil = now, now.Add(learntFor)
	return l
}
